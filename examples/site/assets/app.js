// Says how many characters are left.
for (const area of document.querySelectorAll("textarea[data-most]")) {
  const output = area.form.querySelector("output");
  const count = () => {
    const left = Number(area.dataset.most) - [...area.value.trim()].length;
    output.textContent = left < 0 ? `${-left} too many` : `${left} left`;
  };
  area.addEventListener("input", count);
  count();
}
