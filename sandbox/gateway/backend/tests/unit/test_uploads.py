import pytest

from app.uploads import UploadError, Uploads, chunk_sizes


@pytest.mark.parametrize(("size", "sizes"), [(0, []), (1, [1]), (10, [10]), (25, [10, 10, 5])])
def test_chunk_sizes(size: int, sizes: list[int]) -> None:
    assert list(chunk_sizes(size, 10)) == sizes


@pytest.mark.parametrize(("size", "chunk_size", "sentence"), [(1, 0, "positive"), (-1, 10, "negative")])
def test_sizes_that_make_no_sense(size: int, chunk_size: int, sentence: str) -> None:
    with pytest.raises(UploadError, match=sentence):
        list(chunk_sizes(size, chunk_size))


def test_an_upload_is_complete_when_all_chunks_have_come() -> None:
    uploads = Uploads()
    upload = uploads.create(25, 10)
    for number, size in [(2, 5), (0, 10), (0, 10)]:
        uploads.receive(upload.id, number, size)
    assert upload.missing() == [1]
    with pytest.raises(UploadError, match="missing: 1$"):
        uploads.finish(upload.id)
    uploads.receive(upload.id, 1, 10)
    assert uploads.finish(upload.id).complete
    assert uploads.all() == [upload]


@pytest.mark.parametrize(
    ("number", "size", "sentence"), [(3, 5, "none of 3"), (-1, 5, "none of"), (2, 6, "must have 5")]
)
def test_a_chunk_that_does_not_belong(number: int, size: int, sentence: str) -> None:
    uploads = Uploads()
    upload = uploads.create(25, 10)
    with pytest.raises(UploadError, match=sentence):
        uploads.receive(upload.id, number, size)
    assert upload.received == set()
