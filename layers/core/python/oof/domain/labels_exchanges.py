"""Wallets of exchanges, as far as the exchanges themselves told which are theirs: data of labels.

Only what arrives in one of these directly is known to have gone to an exchange: deposits usually go
to an address made for one customer, which nobody publishes. Labels of explorers and of other
people's lists contradict each other, so none is here. Read in November 2026; Binance's is its
list of wallets, https://www.binance.com/en/blog/community/
our-commitment-to-transparency-2895840147147652626, as DefiLlama keeps it.

To change the list: read the sources at a newer commit, write that commit and the wallets here, and
raise `VERSION`. A wallet that left a list stays where older transactions still went to it.
"""

from collections.abc import Mapping
from typing import Final

VERSION: Final = 1
"""Raised whenever the list changes; results say which one they rest on."""

_ADAPTERS: Final = "https://github.com/DefiLlama/DefiLlama-Adapters/blob"

SOURCES: Final[Mapping[str, str]] = {
    "binance": f"{_ADAPTERS}/04db0fd450e43f5aa4af0c8d1925597e4a21a28d/projects/binance/config.js",
    "kucoin": f"{_ADAPTERS}/02a8f05276ba852172dcb0da3c11bf0b6ce26546/projects/kucoin/index.js",
    "bitget": f"{_ADAPTERS}/01b001836a6872388dad1a7b91028436f7ba8f65/projects/bitget/index.js",
    "gate": f"{_ADAPTERS}/022c796071dfede6d2ec368483eff387c3f0eb91/projects/gate-io/index.js",
}
"""Where each exchange's list was read."""

WALLETS: Final[Mapping[str, tuple[str, ...]]] = {
    "binance": (
        "2ojv9BAiHUrvsm9gxDe7fJSzbNZSJcxZvf8dqmWGHG8S",
        "3yFwqXBfZY4jBVUafQ1YEXw189y2dN3V5KQq9uzBDy1E",
        "5tzFkiKscXHK5ZXCGbXZxdw7gTjjD1mBwuoFbhUvuAi9",
        "9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM",
    ),
    "kucoin": (
        "3VRJ7acLUS9RYLLgRMenM6BqBVVQpY7xFXa7jKDdYw6M",
        "57vSaRTqN9iXaemgh4AoDsZ63mcaoshfMK8NP3Z5QNbs",
        "BmFdpraQhkiDQE6SnfG5omcA1VwzqfXrwtNYBwWTymy6",
        "DBmae92YTQKLsNzXcPscxiwPqMcz9stQr2prB5ZCAHPd",
        "EEnu7YoRDnZ1EHHggnnQoFk7fUjNQrXQw33vgFWwMJn",
        "EfwJn8cXCYhcGrsavxWSDbUFHPrCK9gvdCr6AVywFBPg",
        "EkUy8BB574iEVAQE9dywEiMhp9f2mFBuFu6TBKAkQxFY",
        "FZ1t8TZtx7VSCQdBsxvFJiezj9paUBF6Ub7RKA2eTGyE",
        "GL8T72PKygWaYrLKtSteN9UUvYYnuC8azNDunk4eaqqQ",
        "HVh6wHNBAsG3pq1Bj5oCzRjoWKVogEDHwUHkRz3ekFgt",
    ),
    "bitget": (
        "3bLkLrRvkwHMrqyoCaDSCn6bZnpfJCVsHxcmznUwB1p5",
        "42zAGwv37eZFwwcExfCAV9oSw2kNQX3aBxsbM6zvQECM",
        "48Zo7g9SReCWmNtCvr2es4H9CLCRQHrSND2Wzi61sCsQ",
        "57WSBnNTC2MaqpY6NWLdNjhrELced4jSGV2hLSpjzct9",
        "A77HErqtfN1hLLpvZ9pCtu66FEtM8BveoaKbbMoZ4RiR",
        "AvLGED7RBzYv4AuvkgFSCFMqyB2WjUff7TVKVEv5MjMs",
        "AyhsmFptkM251V1AoH2gf8d4QUnxUkkmaDqFfFwBwGni",
        "DP1FqoBnE23QNNz4LpT9FCQvETdJN4nph5c11NiinrGg",
        "YiZeibU6zzEHyKiSTjygXUPkMktKj9a3DCAcWmZ4XjF",
    ),
    "gate": (
        "AGrghB4tNEJhWsPoQ73We5KAvgp6q512BkBx6fqY4i4b",
        "DevD35PrcsJfg9CwpypmrD7GsYMRQpZQx6rfeSbkVtFp",
        "Egf5D8NKBivJavLKmCssE93J7X6fKvEPQwFTWLZUnaSN",
        "G9XFfWz6adb9wFDKN2v7HfmJDgAc2hirrTwBmca4w26C",
        "HiRpdAZifEsZGdzQ5Xo5wcnaH3D2Jj9SoNsUzcYNK78J",
        "u6PJ8DtQuPFnfmwHbGFULQ4u4EgjDiyYKjVEsynXq2w",
    ),
}
