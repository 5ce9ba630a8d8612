// A message's flight: from when to when, and how much of its way it has behind it.

// One that was lost when it was sent has no arrival; it is shown as if it took as long as others.
function messageOf([number, sent, arrival, src, dst, kind, term, good, entries, brief], latency) {
  const there = arrival ?? sent + (latency[0] + latency[1]) / 2;
  return { number, sent, arrival: there, src, dst, kind, term, good, entries, brief, bends: [] };
}

// How much of its way a message has behind it: evenly from `sent` to `arrival`, through the places where it was delayed.
function partOf({ sent, arrival, bends = [] }, time) {
  let [from, part] = [sent, 0];
  for (const [to, reached] of [...bends, [arrival, 1]]) {
    if (time < to) return part + ((reached - part) * (time - from)) / (to - from);
    [from, part] = [to, reached];
  }
  return 1;
}

// Those of `messages` (in order of sending) that are on their way at `time`, or were `wake` seconds before; none takes
// longer than `longest`. The newest first.
function flyingOf(messages, time, wake, longest) {
  const found = [];
  for (let place = after(messages, time, (message) => message.sent) - 1; place >= 0; place--) {
    const message = messages[place];
    if (time - message.sent > longest + wake) break;
    if (time <= message.arrival + wake) found.push(message);
  }
  return found;
}
