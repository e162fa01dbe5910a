// Package page shows the help centre to customers: complete HTML from the
// server, which needs no script and fetches nothing from elsewhere.
//
//	/help/                 in the visitor's language
//	/help/bn/              all categories with all articles
//	/help/bn/delivery/     a category
//	/help/bn/return-policy an article; its short form /help/return-policy goes
//	                       to the visitor's language
//	/help/search           what was found
//	/help/bn/feed.xml      the newest articles; /sitemap.xml has all of them
//
// Everything listed is taken from [kb.Library], which holds only what is
// public.
package page
