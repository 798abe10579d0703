{# What only a script can tell of a form: the time zone, and a proof of work. A form that waits for one more press is sent by itself. #}
"use strict";
{% include "prove.js" %}
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

async function prepare(form) {
  const { bits, token, soon, wait } = form.dataset;
  const fields = form.elements;
  if (fields.time_zone) fields.time_zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const provable = Number(bits) > 0 && crypto.subtle;
  const proving = provable ? prove(token, Number(bits)).then((proof) => { fields.proof.value = proof; }) : Promise.resolve();
  if (wait === undefined) return;
  form.querySelector("[data-working]").hidden = false;
  form.querySelector("button").disabled = true;
  await Promise.all([proving, pause(Number(provable ? soon : wait))]);
  form.submit();
}

document.querySelectorAll("form[data-token]").forEach(prepare);
