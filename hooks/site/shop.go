package site

import (
	"net/url"
	"strings"

	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// ShopValues are how the shop is reached, and its chat, for pages that show
// it.
func ShopValues(shop *settings.ShopRecord, c *i18n.Catalogue, lang string) Values {
	phone := shop.GetString(schema.ShopPhone)
	address := strings.TrimSpace(shop.GetString(schema.ShopAddress))
	website, name := webAddress(shop.GetString(schema.ShopWebsite))
	return Values{
		"shop.address":      address,
		"shop.address_line": oneLine(address),
		"shop.phone":        c.Digits(lang, phone),
		"shop.phone_link":   dialled(phone),
		"shop.email":        shop.GetString(schema.ShopEmail),
		"shop.website":      website,
		"shop.website_name": name,
		"widget":            shop.WidgetEnabled(),
		"position":          shop.GetString(schema.ShopWidgetPosition),
	}
}

// oneLine joins the lines of an address by commas.
func oneLine(address string) string {
	var lines []string
	for line := range strings.Lines(address) {
		if line = strings.Trim(line, ", \t\r\n"); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, ", ")
}

// webAddress lets only web addresses into a link.
func webAddress(raw string) (href, name string) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return "", ""
	}
	return u.String(), strings.TrimSuffix(strings.TrimPrefix(u.Host, "www.")+u.Path, "/")
}

// dialled is a telephone number as a tel: link wants it.
func dialled(phone string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '০' && r <= '৯':
			return '0' + r - '০'
		case r >= '0' && r <= '9', r == '+':
			return r
		}
		return -1
	}, phone)
}
