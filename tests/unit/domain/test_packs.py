"""Raw bodies, packed and given back."""

from typing import Any

import orjson
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from oof.domain.packs import (
    NO_DICTIONARY,
    decode_frame,
    dictionary_id_of,
    encode_frame,
    pack_bodies,
    train_dictionary,
)
from oof.domain.transactions.base58 import encode_base58
from tests.support.transactions import address, signature

PROGRAM = address("program")
BODY = {
    "slot": 5,
    "transaction": {"signatures": [signature("a")], "message": {"data": "3Bxs4EM3hQgDpNyd"}},
    "meta": {
        "fee": 5000,
        "rewards": [],
        "loadedAddresses": None,
        "preTokenBalances": [
            {
                "uiTokenAmount": {
                    "amount": "0",
                    "decimals": 6,
                    "uiAmount": None,
                    "uiAmountString": "0",
                }
            },
            {
                "uiTokenAmount": {
                    "amount": "12",
                    "decimals": 0,
                    "uiAmount": 12.0,
                    "uiAmountString": "12",
                }
            },
            {
                "uiTokenAmount": {
                    "amount": "1500",
                    "decimals": 2,
                    "uiAmount": 15.0,
                    "uiAmountString": "15",
                }
            },
        ],
        "logMessages": [
            f"Program {PROGRAM} invoke [1]",
            f"Program {PROGRAM} consumed 12 of 200000 compute units",
            f"Program {PROGRAM} success",
            f"Program {PROGRAM} failed: custom program error: 0x1",
            "Program data: AQID",
            "Program data: AQI=",
            "Program log: hello",
        ],
    },
}
TRAPS: list[Any] = [
    None,
    [],
    {"meta": {"logMessages": None}},
    {"meta": {"logMessages": ["Program data: not base64!", "Program data: AQI", "Program data: "]}},
    {"meta": {"logMessages": [f"Program {PROGRAM} invoke [007]", ["a", 1], None, {"data": "1"}]}},
    {"uiTokenAmount": {"amount": "9" * 40, "decimals": 2}},
    {"uiTokenAmount": ["1", 2]},
    {"uiTokenAmount": []},
    {"uiTokenAmount": {"amount": "1", "decimals": True, "uiAmount": 1, "uiAmountString": "1"}},
    {"uiTokenAmount": {"amount": "12", "decimals": 0, "uiAmount": 12, "uiAmountString": "12"}},
    {"data": "1111", "other": "1" * 44, "number": 2**64 - 1, "float": 1e300, "text": "ü\u0000"},
    {"rentEpoch": 1.8446744073709552e19, "deep": {"data": ["3Bxs4EM3hQgDpNyd", "base58"]}},
]

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=50)
    | st.binary(min_size=1, max_size=64).map(encode_base58),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["data", "logMessages", "uiTokenAmount", "amount", "decimals", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def same(left, right) -> bool:
    """Whether two decoded JSON values are the same, numbers' kinds included."""
    return orjson.dumps(left, option=orjson.OPT_SORT_KEYS) == orjson.dumps(
        right, option=orjson.OPT_SORT_KEYS
    )


@pytest.mark.parametrize("body", [BODY, *TRAPS])
def test_a_body_comes_back_exactly(body):
    """Whatever a body holds, its JSON value is restored."""
    assert same(decode_frame(encode_frame(body, NO_DICTIONARY), NO_DICTIONARY), body)


@given(json_values)
def test_any_json_comes_back_exactly(body):
    """Nothing that looks like the lean form is mistaken for it."""
    assert same(decode_frame(encode_frame(body, NO_DICTIONARY), NO_DICTIONARY), body)


@pytest.mark.chain
def test_every_recorded_body_comes_back_exactly(chain_dir):
    """Real bodies of all encodings and years are restored."""
    count = 0
    for path in sorted((chain_dir / "rpc").glob("*.jsonl.zst")):
        text = zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read()
        for line in text.splitlines():
            body = orjson.loads(line)
            assert same(decode_frame(encode_frame(body, NO_DICTIONARY), NO_DICTIONARY), body)
            count += 1
    assert count > 700


def test_a_pointer_reads_one_frame_of_the_object():
    """Offset and length are those of the object as written, which names its dictionary."""
    bodies = [(signature(name), BODY | {"slot": slot}) for slot, name in enumerate("abc")]

    pack = pack_bodies(bodies, NO_DICTIONARY)

    frame = pack.frames[1]
    found = decode_frame(pack.body[frame.offset : frame.offset + frame.length], NO_DICTIONARY)
    assert (frame.signature, found["slot"]) == (signature("b"), 1)
    assert dictionary_id_of(pack.body) == "none"
    assert pack.frames[-1].offset + pack.frames[-1].length == len(pack.body)


def test_the_same_batch_is_the_same_object():
    """A batch packed again after a crash is written under the same key; another is not."""
    first, again = (pack_bodies([(signature("a"), BODY)], NO_DICTIONARY) for _ in range(2))
    other = pack_bodies([(signature("a"), BODY | {"slot": 6})], NO_DICTIONARY)

    assert (first.object_key, first.body) == (again.object_key, again.body)
    assert other.object_key != first.object_key


def test_a_trained_dictionary_shortens_and_names_its_content():
    """Bodies like those it was trained on shrink; the id follows from the content."""
    bodies = [BODY | {"slot": slot, "own": address(str(slot))} for slot in range(400)]

    dictionary = train_dictionary(bodies, max_bytes=4_096)

    frame = encode_frame(BODY, dictionary)
    assert len(frame) < len(encode_frame(BODY, NO_DICTIONARY)) / 2
    assert same(decode_frame(frame, dictionary), BODY)
    assert train_dictionary(bodies, max_bytes=4_096).dictionary_id == dictionary.dictionary_id
    assert dictionary.dictionary_id.startswith("dict-")


def test_a_frame_of_another_dictionary_is_refused():
    """Bytes that this dictionary did not write raise, and give no wrong body."""
    with pytest.raises(ValueError, match="not a frame"):
        decode_frame(b"nonsense", NO_DICTIONARY)
    with pytest.raises(ValueError, match="not a pack"):
        dictionary_id_of(b"nonsense")
