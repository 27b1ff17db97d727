// Verifies messages from standard input as a receiver does, with the published library.
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const verdict = ({ secret, body, id, timestamp, signature }) => {
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
  try {
    new Webhook(secret).verify(body, headers);
    return "good";
  } catch (error) {
    return error.message;
  }
};

const vector = new Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").sign(
  "msg_p5jXN8AQM9LWM0D4loKWxJek",
  new Date(1614265330 * 1000),
  '{"test": 2432232314}',
);
const messages = JSON.parse(readFileSync(0, "utf8")).map(verdict);
process.stdout.write(JSON.stringify({ messages, vector }));
