// The only module of the studio: what .NET in the browser cannot do by itself.
export const keep = (name, value) => localStorage.setItem(name, value);
export const kept = name => localStorage.getItem(name);
export const forget = name => localStorage.removeItem(name);
export const copy = text => navigator.clipboard.writeText(text);
export const open = dialog => dialog.open || dialog.showModal();
export const close = dialog => dialog.close();

// Blazor writes how far it is loaded into a style, to the end; no page of ours has one.
const root = document.documentElement;
new MutationObserver(() => root.removeAttribute("style")).observe(root, { attributeFilter: ["style"] });

export const toggleTheme = () => {
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem("zt.theme", root.dataset.theme);
};

export const signOut = () => fetch("/api/v1/session", { method: "DELETE", headers: { "X-Zoetrope-Studio": "1" } });

export const focus = id => document.getElementById(id)?.focus();
export const toEnd = () => scrollTo(0, document.documentElement.scrollHeight);

// What was typed before .NET ran.
export const typed = () => sessionStorage.getItem("zt.typed");

// A file that an input has, shown from here.
export const preview = (id, index) => {
  const file = document.getElementById(id)?.files[index];
  return file ? URL.createObjectURL(file) : "";
};

// Dropped anywhere on the page or pasted, files go the way of the button.
const hand = list => {
  const input = document.getElementById("files");
  const files = [...list].filter(file => /^(image|video|audio)\//.test(file.type));
  if (!input || files.length === 0) return false;
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
};
addEventListener("dragover", event => {
  if (event.dataTransfer?.types.includes("Files")) {
    event.preventDefault();
    document.body.classList.add("dropping");
  }
});
addEventListener("dragleave", event => event.relatedTarget || document.body.classList.remove("dropping"));
addEventListener("drop", event => {
  document.body.classList.remove("dropping");
  if (event.dataTransfer?.files.length) {
    event.preventDefault();
    hand(event.dataTransfer.files);
  }
});
addEventListener("paste", event => {
  if (event.clipboardData?.files.length && hand(event.clipboardData.files)) event.preventDefault();
});

// How far it is loaded, which Blazor writes into a style, is of no use once it runs.
document.documentElement.removeAttribute("style");

// A file of this page's making, saved as a download.
export const save = (name, type, text) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
};

// Loaded when somebody asks for an archive.
export const archive = async (...all) => (await import("/studio/archive.js")).archive(...all);

// What has these data-keys is pressed, or gets the focus if it takes text.
export const press = keys => {
  const found = document.querySelector(`[data-keys="${CSS.escape(keys)}"]`);
  if (found?.matches("input, textarea")) found.focus();
  else found?.click();
  return !!found;
};
let [led, until] = ["", 0];
addEventListener("keydown", event => {
  const key = event.key;
  if (event.isComposing || document.querySelector("dialog[open]")) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && key.toLowerCase() === "k") {
    if (press("ctrl+k")) event.preventDefault();
  }
  // Single letters are for whoever writes nowhere, and can be switched off.
  if (event.ctrlKey || event.metaKey || event.altKey || kept("zt.letters") === "off") return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const keys = event.timeStamp < until ? `${led} ${key}` : key;
  [led, until] = keys === "g" ? ["g", event.timeStamp + 1500] : ["", 0];
  if (keys !== "g" && press(keys)) event.preventDefault();
});
