import "./early";
import { mount } from "svelte";
import App from "./App.svelte";
import "./design/tokens.css";
import "./design/base.css";
import { keepBrought } from "./home/arrival";
import { session } from "./home/session.svelte";
import { speakWhatIsWanted } from "./language/language.svelte";
import { watchTyping } from "./shell/editing";
import { router } from "./shell/router.svelte";

const theme = localStorage.getItem("theme");
if (theme) document.documentElement.dataset["theme"] = theme;

keepBrought();
router.listen();
watchTyping();
const asked = session.begin();
await speakWhatIsWanted(null);
mount(App, { target: document.getElementById("app") as HTMLElement });
await asked;

// Only where the connection is encrypted, or the hub is this machine: browsers have it nowhere else.
if ("serviceWorker" in navigator && import.meta.env.PROD) void navigator.serviceWorker.register("/service-worker.js");
