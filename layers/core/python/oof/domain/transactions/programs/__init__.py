"""One file a program or a family of them: its ids, its source, what it names.

`registry` lists all that trade, route, hold orders or move balances for a reason. Beside them stand
lists without code: `helpers` (programs that act for whoever calls them), `landing` and `jito`
(accounts that are tipped), `fee_accounts` (of terminals), `claims` (instructions that pay income).
"""
