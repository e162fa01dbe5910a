// Package starter is what a new shop may begin its help centre with: about
// sixty articles of a Bangladeshi online shop in Bangla and English, to be
// changed to its own rules.
//
// The questions and short answers are those that the search is measured with;
// some have a longer text here, and there is an article for staff.
package starter

import (
	"embed"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/search/sample"
)

//go:embed long/*.md
var long embed.FS

// categories in their order.
var categories = []struct{ key, slug, icon, bn, en, bnSummary, enSummary string }{
	{"ordering", "ordering", "cart", "অর্ডার", "Ordering", "কীভাবে অর্ডার করবেন, বদলাবেন বা বাতিল করবেন", "Placing, changing and cancelling an order"},
	{"payment", "payment", "wallet", "পেমেন্ট", "Payment", "বিকাশ, নগদ, কার্ড ও ক্যাশ অন ডেলিভারি", "bKash, Nagad, cards and cash on delivery"},
	{"delivery", "delivery", "truck", "ডেলিভারি", "Delivery", "কত দিনে, কত টাকায়, কোথায় কোথায়", "How long, how much, and where"},
	{"returns", "returns", "return", "ফেরত ও বদল", "Returns and exchange", "ফেরত, বদল ও টাকা ফেরত", "Returns, exchanges and refunds"},
	{"warranty", "warranty-and-repair", "shield", "ওয়ারেন্টি ও মেরামত", "Warranty and repair", "মেয়াদ, দাবি, মেরামত ও যত্ন", "Terms, claims, repairs and care"},
	{"account", "account", "person", "অ্যাকাউন্ট", "Account", "সাইন ইন, তথ্য ও গোপনীয়তা", "Signing in, your data and privacy"},
	{"contact", "contact-us", "phone", "যোগাযোগ", "Contact", "কোথায়, কখন, কীভাবে আমাদের পাবেন", "Where, when and how to reach us"},
}

// related are articles that go together, by their names.
var related = map[string][]string{
	"return-policy": {"refund-time", "exchange", "non-returnable", "damaged-item"}, "delivery-time": {"delivery-charge", "track-order", "urgent-delivery", "late-delivery"},
	"bkash-payment": {"payment-failed", "nagad-payment", "payment-methods", "scam-warning"}, "how-to-order": {"order-confirmation", "change-order", "cancel-order", "payment-methods"},
	"size-chart": {"exchange", "product-authentic", "return-policy"}, "warranty-claim": {"warranty", "repair-service", "repair-status"},
}

// staffOnly is the article for staff.
var staffOnly = map[string]string{"bn": "আমরা কীভাবে টাকা ফেরত দিই", "en": "How we refund"}

// Install writes what is not there yet and says how many articles that were.
// All are published; the languages are those that the sample has.
func Install(app core.App) (installed int, err error) {
	err = app.RunInTransaction(func(tx core.App) error {
		installed = 0
		ids, err := installCategories(tx)
		if err != nil {
			return err
		}
		entries, err := sample.Entries()
		if err != nil {
			return err
		}
		groups, first := map[string]string{}, map[string]string{} // by name; by language and name
		now, place := types.NowDateTime(), 0
		add := func(name, lang, title, category, short string, internal bool) error {
			text := short
			if raw, err := long.ReadFile("long/" + name + "." + lang + ".md"); err == nil {
				text = string(raw)
			}
			var have struct {
				ID    string `db:"id"`
				Group string `db:"group"`
			}
			if err := tx.DB().NewQuery("SELECT id, `group` FROM articles WHERE language = {:lang} AND slug = {:slug}").Bind(dbx.Params{"lang": lang, "slug": name}).One(&have); err == nil {
				groups[name], first[lang+" "+name] = have.Group, have.ID
				return nil
			}
			c, err := tx.FindCachedCollectionByNameOrId(schema.Articles)
			if err != nil {
				return err
			}
			place++
			r := core.NewRecord(c)
			r.Load(map[string]any{
				schema.ArticleGroup: groups[name], schema.ArticleLanguage: lang, schema.ArticleSlug: name, schema.ArticleCategory: ids[category],
				schema.ArticleTitle: title, schema.ArticleMarkdown: text, schema.ArticleSummary: summary(short), schema.ArticleStatus: schema.StatusPublished,
				schema.ArticlePublishedAt: now, schema.ArticleInternal: internal, schema.ArticlePosition: (place + 1) / 2,
			})
			if err := tx.Save(r); err != nil {
				return err
			}
			installed++
			groups[name], first[lang+" "+name] = r.GetString(schema.ArticleGroup), r.Id
			return nil
		}
		for _, e := range entries {
			name := e.ID
			if renamed := rename[name]; renamed != "" {
				name = renamed
			}
			if err := add(name, e.Language, e.Title, e.Category, e.Body, false); err != nil {
				return err
			}
		}
		for _, lang := range []string{"bn", "en"} {
			if err := add("staff-refund", lang, staffOnly[lang], "returns", "", true); err != nil {
				return err
			}
		}
		return relate(tx, first)
	})
	return installed, err
}

// rename keeps articles apart from categories of the same address.
var rename = map[string]string{"contact": "contact-numbers"}

func summary(short string) string {
	if len([]rune(short)) > 310 || strings.Contains(short, "\n") {
		return ""
	}
	return short
}

func installCategories(tx core.App) (map[string]string, error) {
	ids := map[string]string{}
	for i, c := range categories {
		r, err := tx.FindFirstRecordByData(schema.Categories, schema.CategorySlug, c.slug)
		if err != nil {
			collection, err := tx.FindCachedCollectionByNameOrId(schema.Categories)
			if err != nil {
				return nil, err
			}
			r = core.NewRecord(collection)
			r.Load(map[string]any{
				schema.CategorySlug: c.slug, schema.CategoryIcon: c.icon, schema.CategoryPosition: i + 1,
				schema.CategoryTitles: map[string]string{"bn": c.bn, "en": c.en}, schema.CategorySummaries: map[string]string{"bn": c.bnSummary, "en": c.enSummary},
			})
			if err := tx.Save(r); err != nil {
				return nil, err
			}
		}
		ids[c.key] = r.Id
	}
	return ids, nil
}

// relate names what goes together, where the owner has named nothing.
func relate(tx core.App, ids map[string]string) error {
	for name, others := range related {
		for _, lang := range []string{"bn", "en"} {
			r, err := tx.FindRecordById(schema.Articles, ids[lang+" "+name])
			if err != nil || len(r.GetStringSlice(schema.ArticleRelated)) > 0 {
				continue
			}
			var list []string
			for _, other := range others {
				if id := ids[lang+" "+other]; id != "" {
					list = append(list, id)
				}
			}
			r.Set(schema.ArticleRelated, list)
			if err := tx.Save(r); err != nil {
				return err
			}
		}
	}
	return nil
}
