package dev.sluice.archive;

/** No archive at all: one file is its own only piece. */
record PlainFile(long length) implements Format {
    @Override
    public int pieces() {
        return 1;
    }

    @Override
    public long offset(int piece) {
        return piece == 0 ? 0 : length;
    }

    @Override
    public int entryOf(int piece) {
        return 0;
    }

    @Override
    public boolean startsSegment(int piece) {
        throw new IllegalStateException("a file has no header");
    }

    @Override
    public void write(int piece, Fields out) {
        throw new IllegalStateException("a file has no header");
    }
}
