"""Services beside Jito that land transactions for a tip, by the accounts they take it in.

https://github.com/0xfnzero/sol-trade-sdk (`src/constants/swqos.rs`); Helius', bloXroute's and
0slot's also in https://www.helius.dev/docs/sending-transactions/sender, https://docs.bloxroute.com
/solana/trader-api/introduction/tip-and-tipping-addresses and https://github.com/NoctisLight/mev-bench
(`src/providers/endpoints.rs`); the rest of 0slot's own their names on
chain, 0slot_dot_trade_*.sol. bloXroute's earlier accounts stand in public queries that sum up its
tips, Axiom's own, which lands its users' trades itself, in studies of its routing.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_ACCOUNTS_OF: Final = {
    "astralane": """
        ASTRaoF93eYt73TYvwtsv6fMWHWbGmMUZfVZPo3CRU9C AStRAnpi6kFrKypragExgeRoJ1QnKH7pbSjLAKQVWUum
        AStrAJv2RN2hKCHxwUMtqmSxgdcNZbihCwc1mCSnG83W AsTRADtvb6tTmrsqULQ9Wji9PigDMjhfEMza6zkynEvV
        AsTRAEoyMofR3vUPpf9k68Gsfb6ymTZttEtsAbv8Bk4d AsTra79FET4aCKWspPqeSFvjJNyp96SvAnrmyAxqg5b7
        AstrA1ejL4UeXC2SBP4cpeEmtcFPZVLxx3XGKXyCW6to AstrABAu8CBTyuPXpV4eSCJ5fePEPnxN8NqBaPKQ9fHR
        Astran35aiQUF57XZsmkWMtNCtXGLzs8upfiqXxth2bz astra4uejePWneqNaJKuFFA8oonqCE1sqF6b45kDMZm
        astra9xWY93QyfG6yM8zwsKsRodscjQ2uU2HKNL5prk astraEJ2fEj8Xmy6KLG7B3VfbKfsHXhHrNdCQx7iGJK
        astraRVUuTHjpwEVvNBeQEgwYx9w9CFyfxjYoobCZhL astraZW5GLFefxNPAatceHhYjfA1ciq9gvfEg2S47xk
        astraubkDw81n4LuutzSQ8uzHCv4BhPVhfvTcYv8SKC astrawVNP4xDBKT7rAdxrLYiTSTdqtUr63fSMduivXK
        astrazznxsGUhWShqgNtAdfrzP2G83DzcWVJDxwV9bF
    """,
    "axiom": """
        axm2JQY1FKEktAwgXWqjGYkkWsWPfwKzgbnGVt5kiP4 axmD4LFJopAcbRKCKsrrmovCZZzmKQCMEfs5qEXj8dG
        axmFmfqQwZGEUZeF3i3MqbRCDiGPfshtbdoBjk41k88 axmMdWvgEnN3NFrxMfTqUURzj9NLhZL2DkHkWCdgiFV
        axmQTWU68qZ4fuG7zzkCXCBmxxeHVZrNrLkgxEFCbRv axmWxBPqgRmcBN2cV12quqaQzsk16SazVXq8397KFKu
        axmYVq9b1ABYqtyizMtyfJppPTPxZGXPLctB3hV6W5b axmhpocX3hU7nT7KtsLBzNBR1Ur3HtU22Q5P313FREY
    """,
    "blockrazor": """
        295Avbam4qGShBYK7E9H5Ldew4B3WyJGmgmXfiWdeeyV 4ABhJh5rZPjv63RBJBuyWzBK3g9gWMUQdTZP2kiW31V9
        5YktoWygr1Bp9wiS1xtMtUki1PeYuuzuCF98tqwYxf61 5jA59cXMKQqZAVdtopv8q3yyw9SYfiE3vUCbt7p8MfVf
        68Pwb4jS7eZATjDfhmTXgRJjCiZmw1L7Huy4HNpnxJ3o 6No2i3aawzHsjtThw81iq1EXPJN6rh8eSJCLaYZfKDTG
        A9cWowVAiHe9pJfKAj3TJiN9VpbzMUq6E4kEvf5mUT22 AP6qExwrbRgBAVaehg4b5xHENX815sMabtBzUzVB4v8S
        B2M4NG5eyZp5SBQrSdtemzk5TqVuaWGQnowGaCBt8GyM BnGKHAC386n4Qmv9xtpBVbRaUTKixjBe3oagkPFKtoy6
        Dd7K2Fp7AtoN8xCghKDRmyqr5U169t48Tw5fEd3wT9mq EDi4rSy2LZgKJX74mbLTFk4mxoTgT6F7HxxzG2HBAFyK
        FjmZZrFvhnqqb9ThCuMVnENaM3JGVuGWNyCAxRJcFpg9 Gywj98ophM7GmkDdaWs4isqZnDdFCW7B46TXmKfvyqSm
    """,
    "bloxroute": """
        3UQUKjhMKaY2S6bjcQD6yHB7utcZt5bfarRCmctpRtUd 6GZVKMaoWry4UFiydjeQU9nmAxj3hEARAStQ7Hc2z6TB
        7ks326H4LbMVaUC8nW5FpC5EoAf5eK5pf4Dsx4HDQLpq 95cfoy472fcQHaw4tPGBTKpn6ZQnfEPfBgDQx6gcRmRg
        FogxVNs6Mm2w9rnGL1vkARSwJxvLE8mujTv3LK8RnUhF HWEoBxYs7ssKuudEjzjmpfJVX7Dvi7wescFsVx2L5yoY
        HZTmLyC683y74TW3HtGbNX5orxjm2sPuZBEYwwSgAM8v
    """,
    "flashblock": """
        FLASHRzANfcAKDuQ3RXv9hbkBy4WVEKDzoAgxJ56DiE4 FLAShWTjcweNT4NSotpjpxAkwxUr2we3eXQGhpTVzRwy
        FLAsHZTRcf3Dy1APaz6j74ebdMC6Xx4g6i9YxjyrDybR FLAshyAyBcKb39KPxSzXcepiS8iDYUhDGwJcJDPX4g2B
        FLaSHJNm5dWYzEgnHJWWJP5ccu128Mu61NJLxUf7mUXU FLaSHR4Vv7sttd6TyDF4yR1bJyAxRwWKbohDytEMu3wL
        FLaShB3iXXTWE1vu9wQsChUKq3HFtpMAhb8kAh1pf1wi FLasHXTqrbNvpWFB6grN47HGZfK6pze9HLNTgbukfPSk
        FLasHstqx11M8W56zrSEqkCyhMCCpr6ze6Mjdvqope5s FLashhsorBmM9dLpuq6qATawcpqk1Y2aqaZfkd48iT3W
    """,
    "glaive": """
        GLaiv4GMRYQmthatDS98uQT4HoucgxWT8NeJz6oSwxeU GLaivJSUL71FcocYa8tks5vpVyYzvaDMHtyrzfQF2ABr
        GLaivL5uPrDpvd1wTtvat38KGqb5WLhEdqQfnmNd3oNr GLaivRU6eDKrta3p3psFAWPEFLzCjeMHGpPUuQqTjtyv
        GLaivinAWh21NaJMhtExtD5G2gZs1xnvaYVZmwqobWZL GLaivq5dU8qHayz9Qf13LjPfVy3SmUhbmickfGiZdmfh
    """,
    "helius_sender": """
        2nyhqdwKcJZR2vcqCyrYsaPVdAnFoJjiksCXJ7hfEYgD 2q5pghRs6arqVjRvT5gfgWfWcHWmw1ZuCzphgd5KfWGJ
        3KCKozbAaF75qEU33jtzozcJ29yJuaLJTy2jFdzUY8bT 4ACfpUFoaSD9bfPdeu6DBt89gB6ENTeHBXCAi87NhDEE
        4TQLFNWK8AovT1gFvda5jfw2oJeRMKEmw7aH6MGBJ3or 4vieeGHPYPG2MmyPRcYjdiDmmhN3ww7hsFNap8pVN3Ey
        5VY91ws6B2hMmBFRsXkoAAdsPHBJwRfBht4DXox3xkwn 9bnz4RShgq1hAnLnZbP8kbgBg1kEmcJBYQq3gQbmnSta
        D2L6yPZ2FmmmTKPgzaMKdhu6EWZcTpLy1Vhx8uvZe7NZ wyvPkWjVZz1M8fHQnMMCDTQDbkManefNNhweYk5WkcF
    """,
    "lightspeed": """
        53PhM3UTdMQWu5t81wcd35AHGc5xpmHoRjem7GQPvXjA 9tYF5yPDC1NP8s6diiB3kAX6ZZnva9DM3iDwJkBRarBB
    """,
    "lunar_lander": """
        moon17L6BgxXRX5uHKudAmqVF96xia9h8ygcmG2sL3F moon26Sek222Md7ZydcAGxoKG832DK36CkLrS3PQY4c
        moon7fwyajcVstMoBnVy7UBcTx87SBtNoGGAaH2Cb8V moonBtH9HvLHjLqi9ivyrMVKgFUsSfrz9BwQ9khhn1u
        moonCJg8476LNFLptX1qrK8PdRsA1HD1R6XWyu9MB93 moonF2sz7qwAtdETnrgxNbjonnhGGjd6r4W4UC9284s
        moonKfftMiGSak3cezvhEqvkPSzwrmQxQHXuspC96yj moonQBUKBpkifLcTd78bfxxt4PYLwmJ5admLW6cBBs8
        moonXwpKwoVkMegt5Bc776cSW793X1irL5hHV1vJ3JA moonZ6u9E2fgk6eWd82621eLPHt9zuJuYECXAYjMY1C
    """,
    "nextblock": """
        NEXTbLoCkB51HpLBLojQfpyVAMorm3zzKg7w9NFdqid NeXTBLoCKs9F1y5PJS9CKrFNNLU1keHW71rfh7KgA1X
        NexTBLockJYZ7QD7p2byrUa6df8ndV2WSd8GkbWqfbb NexTbLoCkWykbLuB1NkjXgFWkX9oAtcoagQegygXXA2
        NextbLoCkVtMGcV47JzewQdvBpLqT9TxQFozQkN98pE nEXTBLockYgngeRmRrjDV31mGSekVPqZoMGhQEZtPVG
        neXtBLock1LeC67jYd1QdAa32kbVeubsfPNTJC1V5At nextBLoCkPMgmG8ZgJtABeScP35qLa2AMCNKntAP7Xc
    """,
    "node1": """
        node1AyMbeqiVN6eoQzEAwCA6Pk826hrdqdAHR7cdJ3 node1PUber6SFmSQgvf2ECmXsHP5o3boRSGhvJyPMX1
        node1PqAa3BWWzUnTHVbw8NJHC874zn9ngAkXjgWEej node1Qm1bV4fwYnCurP8otJ9s5yrkPq7SPZ5uhj3Tsv
        node1UzzTxAAeBTpfZkQPJXBAqixsbdth11ba1NXLBG node1YtWCoTwwVYTFLfS19zquRQzYX332hs1HEuRBjC
    """,
    "nozomi": """
        TEMPaMeCRFAS9EKF53Jd6KpHxgL47uWLcpFArU1Fanq noz3jAjPiHuBPqiSPkkugaJDkJscPuRhYnSpbi8UvC4
        noz3str9KXfpKknefHji8L1mPgimezaiUyCHYMDv1GE noz6uoYCDijhu1V7cutCpwxNiSovEwLdRHPwmgCGDNo
        noz9EPNcT7WH6Sou3sr3GGjHQYVkN3DNirpbvDkv9YJ nozFrhfnNGoyqwVuwPAW4aaGqempx4PU6g6D9CJMv7Z
        nozNVWs5N8mgzuD3qigrCG2UoKxZttxzZ85pvAQVrbP nozUacTVWub3cL4mJmGCYjKZTnE9RbdY5AP46iQgbPJ
        nozWCyTPppJjRuw2fpzDhhWbW355fzosWSzrrMYB1Qk nozWNju6dY353eMkMqURqwQEoM3SFgEKC6psLCSfUne
        nozc5yT15LazbLTFVZzoNZCwjh3yUtW86LoUyqsBu4L nozievPk7HyK1Rqy1MPJwVQ7qQg2QoJGyP71oeDwbsu
        noznbgwYnBLDHu8wcQVCEw6kDrXkPdKkydGJGNXGvL7 nozpEGbwx4BcGp6pvEdAh1JoC2CQGZdU6HbNP1v2p6P
        nozrhjhkCr3zXT3BiT4WCodYCUFeQvcdUkM7MqhKqge nozrwQtWhEdrA6W8dkbt9gnUaMs52PdAv5byipnadq3
        nozxNBgWohjR75vdspfxR5H9ceC7XXH99xpxhVGt3Bb
    """,
    "solami": """
        15qWd4huAkoxvhDsHMfpUn27TW1YBYMMJJ2jkAkbeam 9XuGciSwr5wb7dLTQm91JhuBTvj3GG8WjuRDc3obeam
        SqoKQKU5uwBxovq3R7yEBxFwptc4z7vwoghU3M9beam kREnjPWFpt4AHeY5pijPmyXaCrMnbatUQJo7d3Xbeam
        kiQioJNyFG7pU36ELLsRKXkeT48kFbk3b6rSgrWbeam kjmVhW1UzJrW2sU5bY5NtZ79jpvjSStsj37Pzmabeam
        praRZG6N6MdbsT4EFpKgZJWReZGXQhAMFcH68oCbeam sV72TY66T1RfmDSeHPPbwX6wwJ3bBv5hd4ehJ8tbeam
        swf8MyEeLo7gtRUo27UuJj6naCASUrypU7dbteSbeam uiuaQsxA47JybQAVN4FTfYuoEDkMiXV1r591Aewbeam
    """,
    "soyas": """
        soyas4s6L8KWZ8rsSk1mF3d1mQScoTGGAgjk98bF8nP soyas5doVFUwH8s5zK8gEvCL5KR5ogDmf52LsrJEZ9h
        soyasDBdKjADwPz3xk82U3TNPRDKEWJj7wWLajNHZ1L soyasE2abjBAynmHbGWgEwk4ctBy7JMTUCNrMbjcnyH
        soyasQYhJxv8uZgWDxhg72td6piAf7XTkoyWHtSATEz soyascXFW5wEEYiwfEmHy2pNwomqzvggJosGVD6TJdY
        soyasi59njacMUPvo3TM5paHjeK8pYSdovXgFi32gRt soyastP66xyYC8XADXZjdMM5BAVGD2YRvz8dwtLsqb8
        soyasvdgUJWYcUCzDxpmjUnNjH7KamXLXTzLwFvdVPE soyasvxAunisNxaoRxkKGjNir7KmbwYnr37JmefkX9G
    """,
    "speed_landing": """
        SPeEDmkHkN3A2roSZf6aZyEMsmrGqTHKqwP51y2Y4rV SPeEdva37vW8vRtqgYjprQs1g3965icfVN5Rt7SMAyh
        SpEEdz8S1KorkMZqjMUxfxrmWwofmp6ReNP2Nx6CUmq SpEediGKLbbXndSYTzwmz6Z3NDgHQLDcTDEvGFkSMH9
        SpeeDy3GJM4wcrQmk1itRFWgidvxX4rwjTLMv78wwjE SpeedLdTJXh2RKpXEaP8JCxkWoUVXhtdPQ1EnxBJMxc
        speEdrSEpox5GUfHWcBc7tQjRuSfUin2yvB7qoYvvJh speede8xCcUq2Tiv1efXeTuE3k9TDNq8TnGKaKSc6J4
    """,
    "stellium": """
        ste11JV3MLMM7x7EJUM2sXcJC1H7F4jBLnP9a9PG8PH ste11MWPjXCRfQryCshzi86SGhuXjF4Lv6xMXD2AoSt
        ste11TMV68LMi1BguM4RQujtbNCZvf1sjsASpqgAvSX ste11p5x8tJ53H1NbNQsRBg1YNRd4GcVpxtDw8PBpmb
        ste11p7e2KLYou5bwtt35H7BM6uMdo4pvioGjJXKFcN
    """,
    "zero_slot": """
        3Rz8uD83QsU8wKvZbgWAPvCNDU6Fy8TSZTMcPm3RB6zt 4HiwLEP2Bzqj3hM2ENxJuzhcPCdsafwiet3oGkMkuQY4
        4iUgjMT8q2hNZnLuhpqZ1QtiV8deFPy2ajvvjEpKKgsS 6SiVU5WEwqfFapRuYCndomztEwDjvS5xgtEof3PLEGm9
        6fQaVhYZA4w3MBSXjJ81Vf6W1EDYeUPXpgVQ6UQyU1Av 6rYLG55Q9RpsPGvqdPNJs4z5WTxJVatMB8zV3WJhs5EK
        7toBU3inhmrARGngC7z6SjyP85HgGMmCTEwGNRAcYnEK 7y4whZmw388w1ggjToDLSBLv47drw5SUXcLk6jtmwixd
        8U1JPQh3mVQ4F5jwRdFTBzvNRQaYFQppHQYoH38DJGSQ 8mR3wB1nh4D6J9RUCugxUpc6ya8w38LPxZ3ZjcBhgzws
        Cix2bHfqPcKcM233mzxbLk14kSggUUiz2A87fJtGivXr D8f3WkQu6dCF33cZxuAsrKHrGsqGP2yvAHf8mX6RXnwf
        DiTmWENJsHQdawVUUKnUXkconcpW4Jv52TnMWhkncF6t ENxTEjSQ1YabmUpXAdCgevnHQ9MHdLv8tzFiuiYJqa13
        Eb2KpSC8uMt9GmzyAEm5Eb1AAAgTjRaXWFjKyFXHZxF3 Ey2JEr8hDkgN8qKJGrLf2yFjRhW7rab99HVxwi5rcvJE
        FCjUJZ1qozm1e8romw216qyfQMaaWKxWsuySnumVCCNe GQPFicsy3P3NXxB5piJohoxACqTvWE9fKpLgdsMduoHE
        HRyRhQ86t3H4aAtgvHVpUJmw64BDrb61gRiKcdKUXs5c J9BMEWFbCBEjtQ1fG5Lo9kouX1HfrKQxeUxetwXrifBw
        TpdxgNJBWZRL8UXF5mrEsyWxDWx9HQexA9P1eTWQ42p
    """,
}

LANDING_TIP_ACCOUNTS: Final[Mapping[str, str]] = MappingProxyType(
    {account: slug for slug, accounts in _ACCOUNTS_OF.items() for account in accounts.split()}
)
"""Each account with the service that it belongs to."""
