// Package newer asks once a day whether there is a newer release, if the owner
// switched that on (release_notice of the shop; off at first), and says so at
// the desk. It sends a plain GET to the address in release_url, or to the
// project's list of releases, and nothing about the shop: no version, no
// identifier, no cookie. The answer is JSON with the version as tag_name or
// version, and the page about it as html_url or url. The internet only is
// reached, by the address that is really dialled, and redirects are not
// followed. Nothing is downloaded: `shohay upgrade FILE` is the owner's step.
package newer
