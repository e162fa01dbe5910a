package demo

// NameWebsite is nameWebsite for tests that need an app.
var NameWebsite = nameWebsite
