"""Wallets that trading terminals and bots collect their fees in.

As published by dashboards that count their users on chain:
https://github.com/DefiLlama/dimension-adapters (`fees`, `dexs`) and
https://github.com/duneanalytics/spellbook (`_sector/dex/bot_trades/solana/platforms`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_ACCOUNTS_OF: Final = {
    "alpha_dex": """
        6qgwjhV2RQxcPffRdtQBTTEezRykQKXqhcDyv1z3r9tq
    """,
    "apebot": """
        Bkfx4XwD9VuztHyimbKyte2zkv78eBRHyeq4CvG6RFdB
    """,
    "autosnipe": """
        CWEfC6fLi552zE2KFxhPiBAZUWdT78gMd8NGENik2zfE
    """,
    "ave": """
        2416yFoX5ep69Ae8u4EoWN2b1jRMC8diygQDf4zqNAQG
    """,
    "axiom": """
        4FobGn5ZWYquoJkxMzh2VUAWvV36xMgxQ3M7uG1pGGhd 4V65jvcDG9DSQioUVqVPiUcUY9v6sb6HKtMnsxSKEz5S
        4kuG6NsAFJNwqEkac8GFDMMheCGKUPEbaRVHHyFHSwWz 5BqYhuD4q1YD3DMAYkc1FeTu9vqQVYYdfBAmkZjamyZg
        5L2QKqDn5ukJSWGyqR4RPvFvwnBabKWqAqMzH4heaQNB 76sxKrPtgoJHDJvxwFHqb3cAXWfRHFLe3VpKcLCAHSEf
        7LCZckF6XXGQ1hDY6HFXBKWAtiUgL9QY5vj1C4Bn1Qjj 7oi1L8U9MRu5zDz5syFahsiLUric47LzvJBQX6r827ws
        846ah7iBSu9ApuCyEhA5xpnjHHX7d4QJKetWLbwzmJZ8 86Vh4XGLW2b6nvWbRyDs4ScgMXbuvRCHT7WbUT3RFxKG
        8m5GkL7nVy95G4YVUbs79z873oVKqg2afgKRmqxsiiRm 8vFGAKdwpn4hk7kc1cBgfWZzpyW3MEMDATDzVZhddeQb
        9kPrgLggBJ69tx1czYAbp7fezuUmL337BsqQTKETUEhP AaG6of1gbj1pbDumvbSiTuJhRCRkkUNaWVxijSbWvTJW
        CeA3sPZfWWToFEBmw5n1Y93tnV66Vmp8LacLzsVprgxZ DKyUs1xXMDy8Z11zNsLnUg3dy9HZf6hYZidB6WodcaGy
        DYVeNgXGLAhZdeLMMYnCw1nPnMxkBN7fJnNpHmizTrrF DZfEurFKFtSbdWZsKSDTqpqsQgvXxmESpvRtXkAdgLwM
        H2cDR3EkJjtTKDQKk8SJS48du9mhsdzQhy8xJx5UMqQK Hbj6XdxX6eV4nfbYTseysibp4zZJtVRRPn2J3BhGRuK9
    """,
    "ayebot": """
        FaYFaP8f6JNzTuZ1gsKn7nRUKcVzJ4TiLqErWESBnLT4
    """,
    "banana_gun": """
        47hEzz83VFR23rLTEeVm9A7eFzjJwjvdupPPmX3cePqF 4BBNEVRgrxVKv9f7pMNE788XM1tt379X9vNjpDH2KCL7
        7tQiiBdKoScWQkB1RmVuML7DBGnR31cuKPEtMM7Vy5SA 8r2hZoDfk5hDWJ1sDujAi2Qr45ZyZw5EQxAXiMZWLKh2
        Cj297UauzMX64FU9dKJZRUBWszJ7tEWpVheasq4CfATV EMbqD9Y9jLXEa3RbCR8AsEW1kVa3EiJgDLVgvKh4qNFP
        HKMh8nV3ysSofRi23LsfVGLGQKB415QAEfZT96kCcVj4 Lk693UiTzQC4vobasRS1QGcYA9D6RGYLjHp1bWreQtM
    """,
    "bitfoot": """
        BzmpLvrhZHKoXV7CW9F1AVPnie3hNh2JK3BRdHL4Zcya
    """,
    "blazing_bot": """
        4TTaKEKLjh1WJZttu1kvDtZt9N4G854C6ZKPAprZFRuy
    """,
    "bloom": """
        7HeD6sLLqAnKVRuSfc1Ko3BSPMNKWgGTiWLKXJF31vKM
    """,
    "bonkbot": """
        ZG98FUCjb8mJ824Gbs6RsgVmr1FhXb2oNiJHa2dwmPd
    """,
    "bot_falcon": """
        EaJZ8BsVJtxjQmzhaFJV5igpcbYoF9eWSycGhFqwhXU6
    """,
    "bullx": """
        28KqHiudrpzfVkVWQ1jztQ2Aarf4W3CvTitjWEqTCkpA 9RYJ3qr5eU5xAooqVcbmdeusjcViL5Nkiq7Gske3tiKq
        F4hJ3Ee3c5UuaorKAMfELBjYCjiiLH75haZTKqTywRP3
    """,
    "cswap": """
        CSWAP5SpPcVjvpsA1H2n2HjNjMsRaPnZuX8H8bVJN5wy
    """,
    "dextools": """
        4sdKYA9NLD1XHThXGPTmFE973mNs1UeVkCH4dFL3Wgho Hz77efVEvgUHUN55WAY97BiEEFg3DbgYBiCNo4UrQx9r
        e24SXSTq1AkusXQEKgZW389taxTTzSuGF8JQqjhbTfc
    """,
    "falcon": """
        DfkYw6zrr5cqzQHBTaXBsny54p5ip25CELUZ71hkS5LH
    """,
    "finder_bot": """
        or8TBDJvuD86CUiFjFWX9oy34EmjoTtHEpPULP1JTta
    """,
    "fomo": """
        HrTf9CzXR1dRH4Sof5QrpmGWwpwAf3qZzwCsEjQpXcSq R4rNJHaffSUotNmqSKNEfDcJE8A7zJUkaoM5Jkd7cYX
    """,
    "geckoterminal": """
        3h5SPEzotUQDznpgCQev8jpDnBCtLkRj4PH997517C5j
    """,
    "gmgn": """
        3t9EKmRiAUcQUYzTZpNojzeGP1KBAVEEbDNmy6wECQpK 6TxjC5wJzuuZgTtnTMipwwULEbMPx5JPW3QwWkdTGnrn
        7sHXjs1j7sDJGVSMSPjD1b4v3FD6uRSvRWfhRdfv5BiA BB5dnY55FXS1e1NXqZDwCzgdYJdMCj3B92PU6Q5Fb6DT
        ByRRgnZenY6W2sddo1VJzX9o4sMU4gPDUkcmgrpGBxRy DXfkEGoo6WFsdL7x6gLZ7r6Hw2S6HrtrAQVPWYx2A1s9
        DymeoWc5WLNiQBaoLuxrxDnDRvLgGZ1QGsEoCAM7Jsrx HeZVpHj9jLwTVtMMbzQRf6mLtFPkWNSg11o68qrbUBa3
        dBhdrmwBkRa66XxBuAK4WZeZnsZ6bHeHCCLXa3a8bTJ
    """,
    "jupbot": """
        H2mM9cXi42efgwkSzTRKMVaWHrqJJx1nzNdV1NxWaHjC
    """,
    "looter": """
        3Pu1V4duyLyVpAJue1kLAfr74nGjQ3JDzj3aJjnoEXuL
    """,
    "maestro": """
        FRMxAnZgkW58zbYcE7Bxqsg99VWpJh6sMP5xLzAWNabN MaestroUL88UBnZr3wfoN7hqmNWFi3ZYCGqZoJJHE36
    """,
    "magnum": """
        8dEe5BM7irAnHtJ6SSWwCRf7njgnyczS3jPrvJJs88U5 CPixcsP8LEMeUoavaHG3bdkywR8s4mZXNN3mYUgbXFev
    """,
    "mevx": """
        3kxSQybWEeQZsMuNWMRJH4TxrhwoDwfv41TNMLRzFP5A 4Lpvp1q69SHentfYcMBUrkgvppeEx6ovHCSYjg4UYXiq
        BS3CyJ9rRC4Tp8G7f86r6hGvuu3XdrVGNVpbNM9U5WRZ
    """,
    "moonshot_app": """
        5wkyL2FLEcyUUgc3UeGntHTAfWfzDrVuxMnaMm7792Gk
    """,
    "nova": """
        noVaE91mUL5jTb8e9Vf6dqJdNPzJpEQ3uAdnQ8h4nVz noVakKQGTTjpHARvecAUbVnc85AatCLm3ijDFk8JXZB
    """,
    "odin_bot": """
        HGgT2s5ZWWDrLWMKkSgSLKwt2YpTmRLVPLxFhStRRaEV MvVPcaHhXpuNE8zX67Z53QLqmyYQxWfhRDW9bMYZtK5
        oDinBoTPS3Pz5gBv3FSTkPZXTyN3v7bZo6A2b3dooNP
    """,
    "padre": """
        DoAsxPQgiyAxyaJNvpAAUb2ups6rbJRdYrCPyWxwRxBb J5XGHmzrRmnYWbmw45DbYkdZAU2bwERFZ11qCDXPvFB5
    """,
    "pepeboost": """
        G9PhF9C9H83mAjjkdJz4MDqkufiTPMJkx7TnKE1kFyCp
    """,
    "photon": """
        AVUCZyuT35YSuj4RH7fwiyPu82Djn2Hfg7y2ND2XcnZH
    """,
    "pinkpunk": """
        38e4GH49TwjXn2yARvnHueAKvU2xREtuchQahMiz3w9G
    """,
    "prophetbots": """
        55vkTc7nZoUQM92AfQG7T8bkNKD4TbWeBPRg8KjyUZre
    """,
    "raybot": """
        4mih95RmBqfHYvEfqq6uGGLp1Fr3gVS3VNSEa3JVRfQK
    """,
    "readyswap": """
        FNKVZeufZY2me2netdgj44tnxqPK1p5GTJkFWukWFRsN
    """,
    "sanji": """
        4E64WX4EARRMfHsvL4ZXbrbpiPcBUyrC62uawGofhdNN
    """,
    "sentinel": """
        FiPhWKk6o16WP9Doe5mPBTxaBFXxdxRAW9BmodPyo9UK
    """,
    "shuriken": """
        9cSuF94JWPb1HQzWMcifJzkoggwAtfjsojcUqny5XuJy shrknHaCuVXmahvxLER4Qm9vooBzhbYsMP7HnAAS9Hn
        shuvodtwMMFFB6KmqCDYaiAe1hRokCVwr4LkT1pLAL5
    """,
    "sol_gun": """
        J3W8Bv948phnEYFCHaSF9CPxbsdRn2LFjBCUwC7Vo5AN
    """,
    "sol_trading_bot": """
        4vfFG2xGZsjXQgA6ZCTzA1PgUGLppFHY9eGnh3ZVGUuz 96aFQc9qyqpjMfqdUeurZVYRrrwPJG2uPV6pceu4B1yb
        A7XTexV13EPnhtH55qhT7qmFkgYCMAMnfXk89VWu9PCJ BTQyUXhxiLrFPD5JUANCwg4ViibmNY39McmWk4bVNxLA
        F34kcgMgCF7mYWkwLN3WN7KrFprr2NbwxuLvXx4fbztj GreGavLfh5sK1BeQ2WYvmk352wbyNNzQdCmqWCV8QSib
        HEPL5rTb6n1Ax6jt9z2XMPFJcDe9bSWvWQpsK7AMcbZg K1LRSA1DSoKBtC5DkcvnermRQ62YxogWSCZZPWQrdG5
    """,
    "soul_sniper": """
        6MgcmcZJXfyux7rRSsvjWaG8iegQ29KLxMtWHKoCZ7fn
    """,
    "tirador": """
        3CicL2SZhjeZrMkQ4trT2di2RKaffovBADqHvRrYKsaJ
    """,
    "tradewiz": """
        97VmzkjX9w8gMFS2RnHTSjtMEDbifGXBq9pgosFdFnM
    """,
    "trojan": """
        2jwHNxavSoMZMEDbT1eV9PcPt5dDcayCqM6MkgaPpmWQ 65gDv7pZQCZELsNpNYSFEBtNFpWZAbxmRFB6BGMqFkHH
        8jgg7moFJkHyTtAv9M6RBSPMp2oXeXhuiUMKW8YbYCWn 92Med3qeK7duC5iiYsHX38H2f2twJfRsSx93oNrza2VH
        9yMwSPk9mrXSN7yDHUuZurAh1sjbJsfpUqjZ7SvVtdco BBYXdwhqbCxVRVtnuMTTxh8biNisz3ZxsnHfr44jXytR
        BWgb8wR1FEGiu1jCDSKuHKf752W27b4iN6SvoNCiK4qp
    """,
    "unibot": """
        8FEE2ghpWPoxsypBLW87yyqmChjUbcZz41V7bzfiJqGF
    """,
    "vector": """
        5Arp4KGGXdobT8LxSBLRLUDYEa3rh77frgEYsvTHTYka 5W3rMZSgus2mQVb2dYA9qR8Z1YLzcu5fjBNm8P3wmoEw
        66eUcZJT8BNQZoGiLGfv9yBts2uxWQxCy3UuBnDT5rG1 7etTJL5WnHidy4AD1JbwBo76BtPtnxAmRRbG7un6QjYX
        8YihpEuQnMoRYgRPdWSPbVLXmP8Fwzzbr8YZCYY6Fmf1 9ZeKZdYzVii2a22ajnXSkVrqkwkkyjWpkjT3oVyEqw46
        9umoGVjHCM5mm4UTyjq9QstAvg2DxdhgdECBuqkjji6x BtqgEzQDCH3JFjJ6hFRsQB7Aacg9zmV6yDR96vH5vyC5
        EvMii962PiDkygT6qHWVTDamadqhDyHu4Mco7aNfRsp8 GdZJRqonwzeWRneFVrniwU5PeQqJa7bB8G12qdQqhU1H
        s1gnrNn3b3zs1MCAGYzXsBn13v41HP9nq4JZZGpLESL
    """,
    "wifbot": """
        W1FCMFH3D7QeQcsNSTCMTpJ9BxQdk6VzeQMLJp2dNro
    """,
}

FEE_ACCOUNTS: Final[Mapping[str, str]] = MappingProxyType(
    {account: slug for slug, accounts in _ACCOUNTS_OF.items() for account in accounts.split()}
)
"""Each wallet with its terminal's slug."""
