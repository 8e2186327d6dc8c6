// The push service of the tests: a third party's, which checks who sends and decrypts what browsers would.
// Usage: node service.js PORT. Ends with its input.
const Server = require("web-push-testing/src/server.js");
const { PushApiModel } = require("web-push-testing/src/PushApiModel.js");

new Server(new PushApiModel(), Number(process.argv[2])).startServer();
process.stdin.on("end", () => process.exit(0)).resume();
