/** Runs before the app is there, from a small file of its own. */
import { begin } from "./api/early";

begin();
