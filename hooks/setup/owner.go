package setup

import (
	"net"
	"net/url"
	"strings"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/ozzo-validation/v4/is"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

const (
	leastPassword = 8
	mostPassword  = 71 // bytes; bcrypt reads no more
)

// person is who uses a link.
type person struct {
	Token    string `json:"token"`
	Email    string `json:"email"` // of the first owner; a colleague's is known
	Name     string `json:"name"`
	Password string `json:"password"`
	Language string `json:"language"` // of their desk
}

// check says what is wrong with what was typed, by field.
func (p *person) check(lang string, withEmail bool) error {
	p.Email, p.Name = strings.ToLower(strings.TrimSpace(p.Email)), strings.TrimSpace(p.Name)
	wrong := validation.Errors{}
	refuse := func(field, key string) {
		wrong[field] = validation.NewError(strings.TrimPrefix(key, "setup."), i18n.T(lang, key))
	}
	if withEmail && (p.Email == "" || len(p.Email) > 200 || is.EmailFormat.Validate(p.Email) != nil) {
		refuse("email", "setup.email_wrong")
	}
	if p.Name == "" || len([]rune(p.Name)) > 78 {
		refuse("name", "setup.name_wrong")
	}
	switch n := len([]rune(p.Password)); {
	case n < leastPassword || len(p.Password) > mostPassword:
		refuse("password", "setup.password_length")
	case strings.EqualFold(p.Password, p.Email), strings.Trim(p.Password, p.Password[:1]) == "":
		refuse("password", "setup.password_plain")
	}
	if len(wrong) > 0 {
		return wrong
	}
	if !i18n.Current().Has(p.Language) {
		p.Language = lang
	}
	return nil
}

// makeOwner makes the superuser, whom the staff room gives a place at the
// desk. The shop speaks its owner's language until they say otherwise.
func makeOwner(tx core.App, p person) (*core.Record, error) {
	if HasOwner(tx) {
		return nil, errHasOwner
	}
	collection, err := tx.FindCachedCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		return nil, err
	}
	r := core.NewRecord(collection)
	r.SetEmail(p.Email)
	r.SetPassword(p.Password)
	if err := tx.Save(r); err != nil {
		return nil, err
	}
	agent, err := tx.FindAuthRecordByEmail(schema.Agents, p.Email)
	if err != nil {
		return nil, err
	}
	agent.Set(schema.AgentName, p.Name)
	agent.Set(schema.AgentLanguages, []string{p.Language})
	if err := tx.Save(agent); err != nil {
		return nil, err
	}
	shop, err := tx.FindRecordById(schema.Shop, settings.ShopID)
	if err != nil {
		return nil, err
	}
	shop.Set(schema.ShopLanguage, p.Language)
	return agent, tx.Save(shop)
}

// makeColleague lets in who was invited.
func makeColleague(tx core.App, id string, p person) (*core.Record, error) {
	agent, err := tx.FindRecordById(schema.Agents, id)
	if err != nil {
		return nil, err
	}
	agent.Set(schema.AgentName, p.Name)
	agent.Set(schema.AgentLanguages, []string{p.Language})
	agent.SetPassword(p.Password)
	agent.SetVerified(true) // the link came to this address, or by the owner's own hand
	return agent, tx.Save(agent)
}

// learnAddress keeps the address that the owner came by as the shop's own, if
// others can come by it too. What is set already stays.
func learnAddress(app core.App, base string) error {
	meta := app.Settings().Meta
	if meta.AppURL != "" && meta.AppURL != "http://localhost:8090" { // PocketBase's own default
		return nil
	}
	u, err := url.Parse(base)
	if err != nil || !public(u.Hostname()) {
		return nil
	}
	s, err := app.Settings().Clone()
	if err != nil {
		return err
	}
	s.Meta.AppURL = base
	return app.Save(s)
}

// public tells whether a host can be reached from elsewhere.
func public(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsGlobalUnicast() && !ip.IsPrivate()
	}
	return strings.Contains(host, ".") && !strings.HasSuffix(host, ".local") && !strings.HasSuffix(host, ".localhost") && !strings.HasSuffix(host, ".test")
}
