package dev.parley.local;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.Select;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Somebody in front of the page. What has to be seen is waited for; what is not seen in time fails the test. */
final class PageWindow {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ChromeDriver driver;
    private final WebDriverWait wait;

    PageWindow(ChromeDriver driver) {
        this.driver = driver;
        this.wait = new WebDriverWait(driver, PATIENCE, Duration.ofMillis(25));
        // Elements are drawn anew while one looks at them.
        wait.ignoring(StaleElementReferenceException.class);
    }

    void registers(String name, String displayName) {
        click("toggle-register");
        type("username", name);
        type("display-name", displayName);
        type("password", Rest.PASSWORD);
        click("register");
        isConnected();
    }

    void signsIn(String name) {
        type("username", name);
        type("password", Rest.PASSWORD);
        click("sign-in");
        isConnected();
    }

    void isConnected() {
        wait.until(ExpectedConditions.attributeToBe(testId("connection-state"), "data-state", "open"));
    }

    /** Waits until the page says that the server is being restarted. */
    void isToldOfARestart() {
        wait.until(ExpectedConditions.attributeToBe(testId("connection-state"), "data-state", "maintenance"));
        wait.until(ExpectedConditions.textToBePresentInElementLocated(testId("connection-state"), "being restarted"));
    }

    void startsChatWith(String name) {
        click("new-chat");
        type("user-search", name);
        wait.until(ExpectedConditions.elementToBeClickable(
                        By.cssSelector("[data-testid=user-result][data-username='" + name + "']")))
                .click();
        seesComposer();
    }

    /** Waits until the list has a chat of that title, and opens it. */
    void opensChat(String title) {
        wait.until(ExpectedConditions.elementToBeClickable(chatItem(title))).click();
        seesComposer();
    }

    void seesChatInList(String title, String preview) {
        wait.until(ExpectedConditions.textToBePresentInElementLocated(chatItem(title), preview));
    }

    /** Waits until the dot at a chat's picture says so, in colour and in words. */
    void seesPresence(String title, String status) {
        By dot = By.xpath("//*[@data-testid='chat-item'][.//strong[text()='" + title
                + "']]//*[@data-testid='presence'][@data-status='" + status + "']");
        wait.until(ExpectedConditions.attributeContains(dot, "title", status));
    }

    /** Chooses a status by its name on the page. */
    void chooses(String status) {
        new Select(wait.until(ExpectedConditions.elementToBeClickable(testId("own-status"))))
                .selectByVisibleText(status);
    }

    private static By chatItem(String title) {
        return By.xpath("//*[@data-testid='chat-item'][.//strong[text()='" + title + "']]");
    }

    private void seesComposer() {
        wait.until(ExpectedConditions.visibilityOfElementLocated(testId("composer")));
    }

    void writes(String text) {
        type("composer", text);
        click("send");
    }

    void beginsToType(String text) {
        type("composer", text);
    }

    void breaksOffTyping() {
        driver.findElement(testId("composer")).sendKeys(Keys.chord(Keys.CONTROL, "a"), Keys.BACK_SPACE);
    }

    void seesTyping(String text) {
        wait.until(ExpectedConditions.textToBe(testId("typing"), text));
    }

    void seesNobodyTyping() {
        seesTyping("");
    }

    /** Waits until exactly these messages are shown, in this order. */
    void seesMessages(List<String> texts) {
        wait.withMessage(() -> "messages: " + messages() + ", not: " + texts)
                .until(unused -> messages().equals(texts));
    }

    /** Waits until the newest message that is shown is this one. */
    void seesLast(String text) {
        wait.withMessage(() -> "messages: " + messages()).until(unused -> {
            List<String> shown = messages();
            return !shown.isEmpty() && shown.getLast().equals(text);
        });
    }

    /** Waits until the server has acknowledged all that was written here. */
    void seesAllSent() {
        wait.until(ExpectedConditions.numberOfElementsToBe(
                By.cssSelector("[data-testid=message][data-own=true]:not([data-state=sent])"), 0));
    }

    /** The texts of all messages in the page, in one look. */
    List<String> messages() {
        return ((List<?>) run(
                        "return [...document.querySelectorAll('[data-testid=message] .text')].map(e => e.textContent)"))
                .stream().map(String::valueOf).toList();
    }

    /** Goes up as far as one can, again and again, until this message is there. */
    void scrollsUpTo(String text) {
        wait.withMessage(() ->
                        "first of " + messages().size() + ": " + messages().getFirst())
                .until(unused -> {
                    run("document.getElementById('log').scrollTop = 0");
                    return messages().contains(text);
                });
    }

    void searches(String words) {
        type("search", words);
    }

    /** Waits until the search has found exactly one message with this in it, and goes there. */
    void opensOnlyResult(String text) {
        By result = testId("search-result");
        wait.until(ExpectedConditions.textToBePresentInElementLocated(result, text));
        wait.until(ExpectedConditions.numberOfElementsToBe(result, 1))
                .getFirst()
                .click();
    }

    /** Waits until the message is where one can read it. */
    void hasInView(String text) {
        String script = """
                const log = document.getElementById('log').getBoundingClientRect();
                const shown = [...document.querySelectorAll('[data-testid=message]')]
                  .find((e) => e.querySelector('.text').textContent === arguments[0]);
                if (!shown) return false;
                const { top, bottom } = shown.getBoundingClientRect();
                return top >= log.top && bottom <= log.bottom;
                """;
        wait.withMessage("in view: " + text).until(unused -> Boolean.TRUE.equals(driver.executeScript(script, text)));
    }

    void reloads() {
        driver.navigate().refresh();
        isConnected();
    }

    boolean hasDialog() {
        return Objects.nonNull(ExpectedConditions.alertIsPresent().apply(driver));
    }

    /** How far the page can be scrolled to the side; 0 where it fits. */
    long overflow() {
        return ((Number) run("return Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
                        + " - document.documentElement.clientWidth"))
                .longValue();
    }

    long width() {
        return ((Number) run("return innerWidth")).longValue();
    }

    private Object run(String script) {
        Object result = driver.executeScript(script);
        return result == null ? "" : result;
    }

    private void click(String testId) {
        wait.until(ExpectedConditions.elementToBeClickable(testId(testId))).click();
    }

    private void type(String testId, String text) {
        WebElement field = wait.until(ExpectedConditions.elementToBeClickable(testId(testId)));
        field.clear();
        field.sendKeys(text);
    }

    private static By testId(String testId) {
        return By.cssSelector("[data-testid=" + testId + "]");
    }
}
