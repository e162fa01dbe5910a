// Package site serves the pages and files of pb_public.
//
// A file in the folder of that name beside the executable wins over the one
// inside it, so a shop may change a page without building anything. Files get
// an ETag from their content and are compressed once; pages (.html) are small
// templates whose holes are filled on the way out:
//
//	{{shop.name}}            a value, escaped
//	{{t:portal.title}}       a text of the catalogue in the page's language; its
//	                         {placeholders} are values too
//	{{asset:/portal.css}}    the address of a file with its version, so that a
//	                         browser may keep it for ever
//	{{style:/a.css /b.css}}  style sheets, written into the page
//	{{#hours}}…{{/hours}}    once for every item of a list, or if there is a value
//	{{^hours}}…{{/hours}}    if there is none
//	{{>parts/bar.html}}      another file of templates, in its place
//
// Every page knows lang, lang.other (for the switch), path, shop, shop.name,
// shop.initial, shop.tagline, shop.colour, shop.logo, shop.cover, shop.footer,
// shop.links (label, href), shop.css, which is the address of the shop's own
// CSS, and shop.style, which is its accent as a style element. A room that has more to say renders
// its page itself with [Site.Render].
package site
