// What the desk does where scripts run. Every page works without it.
"use strict";

document.documentElement.classList.add("scripted");

// Tells whoever cannot see it what has just happened. Other scripts of the desk call it, too.
window.say = (words) => {
  const said = document.getElementById("said");
  said.textContent = "";
  requestAnimationFrame(() => { said.textContent = words; });
};

// What carries `data-live` is taken from the page as it is now, where that differs: nobody loses their place, or what they are typing elsewhere.
let renewing = null;
window.renew = () => {
  renewing ??= fetch(location.href, { credentials: "same-origin" })
    .then((answer) => (answer.redirected ? null : answer.text()))
    .then((html) => { if (html) { take(new DOMParser().parseFromString(html, "text/html")); } })
    .catch(() => {})  // the desk is away for a moment: the next news brings it all
    .finally(() => { renewing = null; });
  return renewing;
};

function take(fresh) {
  if (document.querySelector("[data-asks]")) { return; }  // the page asks something: what it says stays until that is answered
  const now = parts(document);
  const then = parts(fresh);
  if ([...now.keys()].join() !== [...then.keys()].join()) {
    location.reload();  // there is more or less of it than before
    return;
  }
  for (const [name, part] of now) {
    if (name.startsWith("frame")) {
      swap(part, then.get(name).getAttribute("src"));
    } else if (part.outerHTML !== then.get(name).outerHTML) {
      const held = part.contains(document.activeElement) ? document.activeElement.id : "";
      part.replaceWith(document.adoptNode(then.get(name)));
      if (held) { document.getElementById(held)?.focus(); }
    }
  }
  document.dispatchEvent(new CustomEvent("renewed", { detail: fresh }));
}

function parts(page) {
  return new Map([...page.querySelectorAll("[data-live]")].map((part) => [part.dataset.live, part]));
}

function swap(frame, address) {
  if (frame.getAttribute("src") !== address) { frame.setAttribute("src", address); }
}

const events = document.body.dataset.events;
if (events) {
  const news = new EventSource(events);
  news.addEventListener("message", async () => {
    while (renewing) { await renewing; }  // what came while the page was fetched may not be in it
    await window.renew();
  });
  addEventListener("pagehide", () => news.close());
}
