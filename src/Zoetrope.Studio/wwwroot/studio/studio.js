// The only module of the studio: what .NET in the browser cannot do by itself.
export const keep = (name, value) => localStorage.setItem(name, value);
export const kept = name => localStorage.getItem(name);
export const forget = name => localStorage.removeItem(name);
export const copy = text => navigator.clipboard.writeText(text);
export const open = dialog => dialog.open || dialog.showModal();
export const close = dialog => dialog.close();

export const toggleTheme = () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem("zt.theme", root.dataset.theme);
};

export const signOut = () => fetch("/api/v1/session", { method: "DELETE", headers: { "X-Zoetrope-Studio": "1" } });
