package dev.parley.notify;

import dev.parley.connect.ServerAwayException;
import dev.parley.function.BatchFunction;
import dev.parley.function.Outcome;
import dev.parley.id.UserId;
import dev.parley.mongo.Account;
import dev.parley.mongo.Accounts;
import dev.parley.queue.Publication;
import dev.parley.queue.QueueCodec;
import dev.parley.queue.QueueEvent.EmailRequested;
import dev.parley.queue.QueueEvent.NotificationRequested;
import dev.parley.queue.QueueName;
import dev.parley.queue.QueuePublisher;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Decides who of the recipients is written to. A batch that comes again asks for the same mails under the same ids, and
 * {@link SendEmails} sends each id once.
 */
@Singleton
final class NotifyRecipients implements BatchFunction<NotificationRequested> {

    private static final int MAX_NAME_LENGTH = 60;
    private static final int PRIORITY = 1;

    private final Accounts accounts;
    private final QueuePublisher publisher;
    private final QueueCodec codec;
    private final MailSettings mail;
    private final NotifySettings settings;

    NotifyRecipients(
            Accounts accounts, QueuePublisher publisher, QueueCodec codec, MailSettings mail, NotifySettings settings) {
        this.accounts = accounts;
        this.publisher = publisher;
        this.codec = codec;
        this.mail = mail;
        this.settings = settings;
    }

    @Override
    public Class<NotificationRequested> eventType() {
        return NotificationRequested.class;
    }

    @Override
    public List<Outcome> handle(List<NotificationRequested> batch) {
        if (mail.isOn()) {
            Map<UserId, Account> people = accounts.find(everybodyIn(batch));
            List<CompletableFuture<Void>> published = new ArrayList<>();
            for (NotificationRequested request : batch) {
                for (UserId recipient : request.recipients()) {
                    String address = address(people.get(recipient));
                    if (address != null) {
                        published.add(publish(mail(request, recipient, address, people.get(request.senderId()))));
                    }
                }
            }
            await(published);
        }
        return Collections.nCopies(batch.size(), Outcome.DONE);
    }

    private static Set<UserId> everybodyIn(List<NotificationRequested> batch) {
        Set<UserId> everybody = new HashSet<>();
        for (NotificationRequested request : batch) {
            everybody.add(request.senderId());
            everybody.addAll(request.recipients());
        }
        return everybody;
    }

    /** Where the person wants to be written to; null for nowhere, also for somebody who is gone. */
    private static @Nullable String address(@Nullable Account account) {
        return account != null && account.emailNotifications() ? account.email() : null;
    }

    private EmailRequested mail(
            NotificationRequested request, UserId recipient, String address, @Nullable Account sender) {
        String name = sender == null ? "" : PlainText.line(sender.displayName(), MAX_NAME_LENGTH);
        String from = name.isEmpty() ? "somebody" : name;
        return new EmailRequested(
                request.messageId() + ":" + recipient,
                address,
                "New message from " + from,
                "%s wrote:\n\n%s\n\n%s/?chat=%s\n"
                        .formatted(from, PlainText.lines(request.content()), settings.publicUrl(), request.chatId()));
    }

    private CompletableFuture<Void> publish(EmailRequested mail) {
        return publisher
                .publish(Publication.to(QueueName.EMAIL_SEND, codec.encode(mail), PRIORITY))
                .toCompletableFuture();
    }

    private static void await(List<CompletableFuture<Void>> published) {
        try {
            CompletableFuture.allOf(published.toArray(CompletableFuture[]::new)).join();
        } catch (CompletionException e) {
            throw new ServerAwayException("RabbitMQ", e);
        }
    }
}
