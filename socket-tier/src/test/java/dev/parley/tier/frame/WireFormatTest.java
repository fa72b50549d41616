package dev.parley.tier.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireFormatTest {

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000})
    void thePayloadOfAFrameIsFoundAgain(int length) {
        byte[] payload = new byte[length];
        Arrays.fill(payload, (byte) 'x');

        byte[] frame = WireFormat.textFrame(payload);

        int start = WireFormat.payloadStart(frame);
        assertThat(Arrays.copyOfRange(frame, start, frame.length)).isEqualTo(payload);
    }
}
