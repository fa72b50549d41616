package dev.parley.local;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * A headless Chromium with a profile of its own. The binaries are those of {@code CHROMIUM} and {@code CHROMEDRIVER}, or
 * where Debian puts them; nothing is looked for or loaded from the network.
 */
final class Browser implements AutoCloseable {

    /** Complains that it knows the newest Chromium's debugging protocol only in part; we use none of it. */
    private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

    private static final Path SCREENSHOTS =
            Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("target/screenshots");

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    static Browser start(Path profile) {
        File chromium = binary("CHROMIUM", "/usr/bin/chromium");
        File chromedriver = binary("CHROMEDRIVER", "/usr/bin/chromedriver");
        SELENIUM.setLevel(Level.SEVERE);
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium);
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--lang=en",
                "--window-size=1100,800",
                "--user-data-dir=" + profile);
        options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(chromedriver)
                .usingAnyFreePort()
                .withEnvironment(Map.of("SE_OFFLINE", "true"))
                .build();
        return new Browser(new ChromeDriver(service, options));
    }

    private static File binary(String variable, String usual) {
        String given = System.getenv(variable);
        File binary = new File(given == null || given.isBlank() ? usual : given);
        if (!binary.canExecute()) {
            throw new AssertionError("no " + binary + " here: install Chromium and its driver (on Debian: apt-get "
                    + "install chromium chromium-driver), or say with " + variable + " where it is");
        }
        return binary;
    }

    /** A tab that knows nothing of the ones before it, which are closed. */
    PageWindow open(String address) {
        List<String> before = List.copyOf(driver.getWindowHandles());
        driver.switchTo().newWindow(WindowType.TAB);
        String fresh = driver.getWindowHandle();
        for (String old : before) {
            driver.switchTo().window(old).close();
        }
        driver.switchTo().window(fresh);
        driver.get(address);
        return new PageWindow(driver);
    }

    /** Shows pages as a phone does, until {@link #likeADesktop}. */
    void likeAPhone(int width, int height) {
        var unused = driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 2, "mobile", true));
    }

    void likeADesktop() {
        var unused = driver.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    }

    /** What the console was told since the last call that is worse than a warning. */
    List<String> severeMessages() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.SEVERE.intValue())
                .map(LogEntry::getMessage)
                .toList();
    }

    void screenshot(String name) throws IOException {
        Files.createDirectories(SCREENSHOTS);
        Files.write(SCREENSHOTS.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    }

    @Override
    public void close() {
        driver.quit();
    }
}
