{# Answers inside the box. Whatever goes wrong here, the browser sends the form by itself, and our own page answers. #}
(function () {
  "use strict";
  {% include "prove.js" %}
  function begin(form) {
    const fields = form.elements;
    const status = form.querySelector(".digest-box-status");
    const button = form.querySelector("button");
    let stamping;
    form.dataset.ready = "";
    async function fetchStamp() {
      const answer = await fetch(form.action.replace(/subscribe$/, "stamp"), { credentials: "omit" });
      const { stamp, bits, wait } = await answer.json();
      const since = Date.now();
      fields.stamp.value = stamp;
      if (bits) fields.proof.value = await prove(stamp, bits);
      return since + wait * 1000;
    }
    function stamped() {
      stamping = stamping || fetchStamp();
      return stamping;
    }
    async function ask() {
      const ready = await stamped();
      await new Promise((done) => setTimeout(done, Math.max(0, ready - Date.now())));
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "omit" });
      return { ...(await answer.json()), wrong: answer.status === 400 };
    }
    function show(answer) {
      status.textContent = answer.message;
      fields.email.setAttribute("aria-invalid", String(answer.wrong));
      if (answer.ok) form.dataset.done = "";
      (answer.wrong ? fields.email : status).focus();
    }
    form.addEventListener("focusin", () => stamped().catch(() => {}));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      status.textContent = form.dataset.working;
      fields.page.value = location.href;
      fields.time_zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
      try {
        const answer = await ask();
        if (answer.page) return form.submit();
        show(answer);
      } catch {
        return form.submit();
      }
      button.disabled = false;
    });
  }
  document.querySelectorAll("form.digest-box:not([data-ready])").forEach(begin);
})();
