"""Checks files by the text of the safetensors format; prints the number of values in each."""
import json
import math
import struct
import sys

for path in sys.argv[1:]:
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack_from("<Q", content)
    header = content[8 : 8 + length]
    assert len(header) == length and header[:1] == b"{", path
    assert (8 + length) % 8 == 0, path

    def unique(pairs):
        assert len({key for key, _ in pairs}) == len(pairs), path
        return dict(pairs)

    tensors = json.loads(header.decode("utf-8"), object_pairs_hook=unique)
    metadata = tensors.pop("__metadata__")
    assert all(isinstance(value, str) for value in metadata.values()), path
    end = total = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: item[1]["data_offsets"]):
        assert set(tensor) == {"dtype", "shape", "data_offsets"}, name
        assert tensor["dtype"] == "F32", name
        begin, stop = tensor["data_offsets"]
        count = math.prod(tensor["shape"])
        assert begin == end and stop - begin == 4 * count, name
        values = struct.unpack_from(f"<{count}f", content, 8 + length + begin)
        assert all(map(math.isfinite, values)), name
        end, total = stop, total + count
    assert 8 + length + end == len(content), path
    print(total)
