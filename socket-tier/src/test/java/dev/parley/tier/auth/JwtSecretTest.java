package dev.parley.tier.auth;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwtSecretTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "short-but-random-Xk9",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "please-change-this-to-something-Random-0815",
                "my-super-secret-key-with-enough-length-4711"
            })
    void weakOnesAreRefusedWithWhatToDo(String secret) {
        assertThatThrownBy(() -> JwtSecret.requireStrong(secret))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("openssl rand");
    }

    @Test
    void aRandomOneIsTaken() {
        assertThatCode(() -> JwtSecret.requireStrong("q8Zr3vJx0uY5Lw2Tn7Kc4Bf9Hd6Gm1PsEaRiUoXbVyQk"))
                .doesNotThrowAnyException();
    }
}
