package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** That the others would fail if there were leaks. */
@Tag("faults")
@ExtendWith(Leaks.class)
class LeaksTest {
    @Test
    void aBufferThatIsDroppedIsReported() {
        drop();
        List<String> found = new ArrayList<>();
        Awaiting.until("the dropped buffer is found", () -> found.addAll(Leaks.found()));
        assertThat(found).singleElement().asString().contains("ByteBuf");
    }

    @SuppressWarnings("CheckReturnValue")
    private static void drop() {
        PooledByteBufAllocator.DEFAULT.directBuffer(16);
    }
}
