"""Writes the canonical bytes of one recipe by hand and prints its key.

It knows nothing of Retort but the table in Sources/Artifacts/Keys/CanonicalTag.swift; the test
Tests/ArtifactsTests/Keys/GoldenKeyTests.swift holds the same stage and the numbers printed here.
"""
import hashlib
import struct


def u32(n):
    return struct.pack("<I", n)


def text(s):
    return u32(len(s.encode())) + s.encode()


def string(s):
    return b"s" + text(s)


def integer(n):
    return b"i" + struct.pack("<q", n)


def double(x):
    return b"d" + struct.pack("<d", x)


def obj(**fields):
    named = sorted((k.encode(), v) for k, v in fields.items())
    return b"o" + u32(len(named)) + b"".join(u32(len(k)) + k + v for k, v in named)


def array(*values):
    return b"a" + u32(len(values)) + b"".join(values)


def of_set(*values):
    return b"e" + u32(len(values)) + b"".join(sorted(values))


def of_map(*pairs):
    return b"m" + u32(len(pairs)) + b"".join(k + v for k, v in sorted(pairs))


teacher = hashlib.sha256(b"teacher").digest()
corpus = hashlib.sha256(b"corpus").digest()

recipe = obj(
    format=integer(1),
    stage=string("distill.test"),
    version=integer(3),
    uses=array(obj(id=string("evaluate"), version=integer(2)), obj(id=string("prune"), version=integer(1))),
    outputs=array(obj(name=string(""), kind=string("model.classifier"))),
    machine=b"n",
    options=obj(
        teacher=b"r" + text("model.classifier") + teacher,
        extra=b"n",
        data=b"x" + corpus,
        temperature=double(4.0),
        alpha=b"g" + struct.pack("<f", 0.75),
        epochs=integer(3),
        big=b"u" + struct.pack("<Q", 2**64 - 1),
        isTied=b"t",
        isCased=b"f",
        note=string("für \"alle\""),
        layers=array(integer(0), integer(-1)),
        tags=of_set(string("rare"), string("a"), string("bb")),
        weights=of_map((string("pos"), double(0.5)), (string("neg"), double(0.0))),
        mode=obj(warm=obj(_0=integer(7))),
        seed=integer(42),
        blob=b"b" + text("\x01\x02"),
    ),
)

print("bytes ", len(recipe))
print("sha256", hashlib.sha256(recipe).hexdigest())
print("key   ", hashlib.sha256(b"retort key\0" + recipe).hexdigest())
