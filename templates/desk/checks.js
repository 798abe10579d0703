// On a phone the mail stands below the findings: whoever presses "Show the place" is taken there.
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[target=seen]");
  if (link) document.querySelector("iframe[name=seen]").scrollIntoView({ block: "nearest" });
});
