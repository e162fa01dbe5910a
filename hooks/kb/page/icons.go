package page

import "github.com/shohay/shohay/hooks/site"

// drawings are the signs of categories: lines on a grid of 20.
var drawings = map[string]site.HTML{
	"cart":     `<path d="M2.500 3.500h2l2 9h8.500l2-6.500h-11.500"/><circle cx="7.500" cy="15.500" r="1.200"/><circle cx="14" cy="15.500" r="1.200"/>`,
	"wallet":   `<path d="M3 6h13a1 1 0 011 1v8a1 1 0 01-1 1H4a1 1 0 01-1-1zM3 6l9.500-3v3M17 9.500h-3.500a1.500 1.500 0 000 3H17"/>`,
	"truck":    `<path d="M2.500 5h9v8.500h-9zM11.500 8h3l3 3v2.500h-6z"/><circle cx="6" cy="14.500" r="1.500"/><circle cx="14" cy="14.500" r="1.500"/>`,
	"return":   `<path d="M7 4L3.500 7.500 7 11M3.500 7.500h8a4.500 4.500 0 010 9H6"/>`,
	"shield":   `<path d="M10 2.500l6 2v5c0 4-2.500 6.500-6 8-3.500-1.500-6-4-6-8v-5zM7.300 10l2 2 3.500-4"/>`,
	"tools":    `<path d="M12.500 3a4 4 0 00-3.700 5.500L3 14.300 5.700 17l5.800-5.800A4 4 0 0017 7.500l-2.500 2-2.500-.500-.500-2.500 2-2.500a4 4 0 00-1-1z"/>`,
	"person":   `<circle cx="10" cy="6.500" r="3"/><path d="M4 17c0-3.500 2.500-5.500 6-5.500s6 2 6 5.500"/>`,
	"phone":    `<path d="M6 3.500l2 3.500-1.500 1.500a9 9 0 005 5L13 12l3.500 2-1 2.500C9 17 3 11 3.500 4.500z"/>`,
	"gift":     `<path d="M3.500 9.500h13v7h-13zM2.500 6.500h15v3h-15zM10 6.500v10M10 6.500C8 6.500 6 5.500 6.500 4S9.500 4 10 6.500c.500-2.500 3-4 3.500-2.500S12 6.500 10 6.500z"/>`,
	"tag":      `<path d="M3.500 3.500h6l7 7-6 6-7-7z"/><circle cx="7" cy="7" r="1"/>`,
	"book":     `<path d="M10 5c-2-1.500-4-1.500-6.500-1v11c2.500-.500 4.500-.500 6.500 1 2-1.500 4-1.500 6.500-1V4c-2.500-.500-4.500-.500-6.500 1zM10 5v11"/>`,
	"question": `<circle cx="10" cy="10" r="7"/><path d="M7.800 8a2.200 2.200 0 114 1.300c-.700.700-1.800 1-1.800 2.200M10 14v.100"/>`,
}

// icon is the drawing of a sign.
func icon(name string) site.HTML {
	if d, ok := drawings[name]; ok {
		return d
	}
	return drawings["question"]
}
