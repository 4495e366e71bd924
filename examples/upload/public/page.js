const $ = (id) => document.getElementById(id);
let limit = Infinity;

function size(n) {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let i = 0;
  for (; n >= 1024 && i < units.length - 1; i++) n /= 1024;
  return (i === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)) + " " + units[i];
}

function element(tag, className, text = "") {
  const e = document.createElement(tag);
  e.className = className;
  e.textContent = text;
  return e;
}

// upload sends a file as the body of a request: the browser reads it from the disk
// as it sends it, and tells how far it has come.
function upload(file) {
  const item = element("li", "");
  const line = element("div", "line");
  const note = element("span", "note", "waits");
  const stop = element("button", "", "Stop");
  const bar = document.createElement("progress");
  bar.max = file.size || 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  line.append(element("b", "", file.name), note, stop);
  item.append(line, bar);
  $("queue").prepend(item);

  const request = new XMLHttpRequest();
  const end = (text, failed) => {
    note.textContent = text;
    stop.remove();
    item.classList.toggle("failed", failed);
    if (!failed) bar.value = bar.max;
  };
  if (file.size > limit) return end("larger than " + size(limit), true);
  const begun = performance.now();
  request.upload.onprogress = ({ loaded }) => {
    bar.value = loaded;
    const speed = loaded / (performance.now() - begun) * 1000;
    note.textContent = `${size(loaded)} of ${size(file.size)}, ${size(speed)}/s`;
  };
  request.onload = () => {
    let reply = {};
    try { reply = JSON.parse(request.responseText); } catch { /* from somebody in between */ }
    if (request.status === 201) end(size(reply.size) + (reply.name === file.name ? "" : ", as " + reply.name), false);
    else end(reply.detail ?? reply.title ?? "refused with " + request.status, true);
    list();
  };
  request.onerror = () => end("the connection was lost", true);
  request.onabort = () => end("stopped", true);
  stop.onclick = () => request.abort();
  request.open("PUT", "/files/" + encodeURIComponent(file.name));
  request.setRequestHeader("content-type", "application/octet-stream");
  request.send(file);
}

async function list() {
  const reply = await fetch("/files");
  if (!reply.ok) return;
  const there = await reply.json();
  limit = there.limit;
  $("limit").textContent = "up to " + size(limit) + " each";
  $("there").hidden = there.files.length === 0;
  $("files").replaceChildren(...there.files.map((file) => {
    const item = element("li", "");
    const link = element("a", "", file.name);
    link.href = "/files/" + encodeURIComponent(file.name);
    item.append(link, element("small", "", size(file.size)));
    return item;
  }));
}

$("pick").onchange = () => {
  for (const file of $("pick").files) upload(file);
  $("pick").value = "";
};
for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  addEventListener(kind, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", kind === "dragenter" || kind === "dragover");
    if (kind === "drop") for (const file of event.dataTransfer.files) upload(file);
  });
}
list();
