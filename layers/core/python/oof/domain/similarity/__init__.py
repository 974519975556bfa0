"""How alike wallets are, by what is stored of each; floats, because none of it is money.

`features` says what a wallet's vector is, `measures` how two are compared, `clusters` and
`nearest` what follows for many. Only the last three need NumPy and SciPy, and only the functions
that carry them import these.
"""
