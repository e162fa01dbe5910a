package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(helpUp, helpDown)
}

// picture is what a browser shows as one.
var helpPictures = []string{"image/png", "image/jpeg", "image/webp", "image/gif"}

func helpUp(app core.App) error {
	categories := base("shohay_category", "categories",
		text("slug", "Word in the address, such as delivery. Lower-case letters, digits and hyphens; empty makes one from the title.", presentable, long(80)),
		structured("titles", `The name in each language, such as {"bn": "ডেলিভারি", "en": "Delivery"}.`, 4<<10),
		structured("summaries", `One line under the name, in each language. May stay empty.`, 8<<10),
		oneOf("icon", "The sign in front of the name.", false, "cart", "wallet", "truck", "return", "shield", "tools", "person", "phone", "gift", "tag", "book", "question"),
		whole("position", "Place on the page: smaller numbers come first.", 0, 1_000_000),
	)
	categories.Id = "shohay_category"
	categories.AddIndex("idx_categories_slug", true, "`slug`", "")

	articles := base("shohay_articles", "articles",
		text("group", "Articles that say the same in different languages share it. Empty begins a new one.", long(15)),
		oneOf("language", "Language this article is written in.", true, "bn", "en"),
		text("slug", "Last part of the address, such as return-policy. Empty makes one from the title. When it changes, the old address leads to the new one.", long(120)),
		one("category", "Where the article stands in the help centre.", categories.Id, false, false),
		text("title", "What the customer asks, in the customer's words.", required, presentable, long(160)),
		text("summary", "One or two sentences for lists and search engines. Empty takes the beginning of the text.", long(320)),
		&core.EditorField{Name: "body", Help: "The text. If there is Markdown as well, it is made from that.", MaxSize: 1 << 20},
		text("markdown", "The text as Markdown, for those who prefer it. Changing the text above empties it.", long(200_000)),
		text("text", "The plain text, kept by itself.", hidden, long(400_000)),
		&core.FileField{Name: "cover", Help: "Picture at the top, PNG, JPEG or WebP, up to 3 MB. Best is 1200 by 630.", MaxSelect: 1, MaxSize: 3 << 20, Protected: true, MimeTypes: []string{"image/png", "image/jpeg", "image/webp"}},
		text("video", "Link to a film at YouTube, Vimeo or Facebook. It is loaded from there only after the reader clicks.", long(400)),
		&core.FileField{Name: "video_file", Help: "Or a film of your own, MP4 or WebM, up to 60 MB.", MaxSelect: 1, MaxSize: 60 << 20, Protected: true, MimeTypes: []string{"video/mp4", "video/webm"}},
		&core.FileField{Name: "files", Help: "Pictures in the text and files to download, up to 10 MB each.", MaxSelect: 60, MaxSize: 10 << 20, Protected: true, MimeTypes: append([]string{"application/pdf", "text/plain", "application/zip", "application/msword", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/vnd.ms-excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}, helpPictures...)},
		oneOf("status", "Customers see published articles only.", true, "draft", "published"),
		moment("published_at", "When it was first published, kept by itself."),
		flag("internal", "For staff only: how we do things here. Customers never see it, published or not."),
		whole("position", "Place in its category: smaller numbers come first.", 0, 1_000_000),
		structured("edit", "What is being written and not published yet, kept by the desk.", 2<<20),
		one("written_by", "Who changed it last, kept by itself.", "shohay_agents01", false, false),
		counter("views", "How often it was opened, kept by itself."),
		counter("votes_up", "How many readers were helped, kept by itself."),
		counter("votes_down", "How many were not, kept by itself."),
	)
	articles.AddIndex("idx_articles_address", true, "`language`, `slug`", "")
	articles.AddIndex("idx_articles_translation", true, "`group`, `language`", "")
	articles.AddIndex("idx_articles_category", false, "`category`, `position`", "")
	articles.AddIndex("idx_articles_updated", false, "`updated`", "")

	for _, c := range []*core.Collection{categories, articles} {
		c.ListRule, c.ViewRule = types.Pointer(isAgent), types.Pointer(isAgent)
		c.CreateRule, c.UpdateRule, c.DeleteRule = types.Pointer(isAgent), types.Pointer(isAgent), types.Pointer(isOwner)
		if err := app.Save(c); err != nil {
			return err
		}
	}
	// The field relates the collection to itself, so it comes once that exists.
	articles.Fields.Add(many("related", "Articles shown at the end. Empty shows others of the category.", articles.Id))
	if err := app.Save(articles); err != nil {
		return err
	}

	versions := base("shohay_versions", "article_versions",
		one("article", "The article.", articles.Id, true, true),
		text("title", "The title then.", presentable, long(160)),
		text("summary", "The summary then.", long(320)),
		&core.EditorField{Name: "body", Help: "The text then.", MaxSize: 1 << 20},
		text("markdown", "Its Markdown, if it had any.", long(200_000)),
		one("by", "Who wrote it.", "shohay_agents01", false, false),
	)
	versions.ListRule, versions.ViewRule = types.Pointer(isAgent), types.Pointer(isAgent)
	versions.AddIndex("idx_article_versions_article", false, "`article`, `created`", "")

	votes := base("shohay_artvotes", "article_votes",
		one("article", "The article.", articles.Id, true, true),
		flag("helpful", "Whether it helped."),
		oneOf("reason", "Why it did not.", false, "missing", "unclear", "wrong", "other"),
		text("comment", "In the reader's words.", long(500)),
		text("voter", "Keeps one reader to one vote for a month. It names nobody.", hidden, long(64)),
	)
	votes.ListRule, votes.ViewRule, votes.DeleteRule = types.Pointer(isAgent), types.Pointer(isAgent), types.Pointer(isOwner)
	votes.AddIndex("idx_article_votes_voter", true, "`article`, `voter`", "`voter` != ''")
	votes.AddIndex("idx_article_votes_created", false, "`created`", "")

	redirects := base("shohay_redirect", "article_redirects",
		oneOf("language", "Language of the old address.", true, "bn", "en"),
		text("slug", "Last part of the old address.", required, presentable, long(120)),
		one("article", "Where it leads.", articles.Id, true, true),
	)
	redirects.ListRule, redirects.ViewRule = types.Pointer(isAgent), types.Pointer(isAgent)
	redirects.CreateRule, redirects.DeleteRule = types.Pointer(isAgent), types.Pointer(isAgent)
	redirects.AddIndex("idx_article_redirects_address", true, "`language`, `slug`", "")
	redirects.AddIndex("idx_article_redirects_article", false, "`article`", "")

	misses := base("shohay_misses01", "search_misses",
		text("text", "What was searched for and not found. Numbers and addresses are left out.", required, presentable, long(120)),
		oneOf("language", "Language of the page it was asked on.", true, "bn", "en"),
		counter("count", "How often."),
		moment("last_at", "When last."),
	)
	misses.ListRule, misses.ViewRule, misses.DeleteRule = types.Pointer(isAgent), types.Pointer(isAgent), types.Pointer(isAgent)
	misses.AddIndex("idx_search_misses_text", true, "`language`, `text`", "")
	misses.AddIndex("idx_search_misses_count", false, "`count`", "")

	for _, c := range []*core.Collection{versions, votes, redirects, misses} {
		if err := app.Save(c); err != nil {
			return err
		}
	}
	return nil
}

func helpDown(app core.App) error {
	for _, name := range []string{"search_misses", "article_redirects", "article_votes", "article_versions", "articles", "categories"} {
		if err := drop(app, name); err != nil {
			return err
		}
	}
	return nil
}
