package schema

// Collections of the help centre.
const (
	Categories       = "categories"
	Articles         = "articles"
	ArticleVersions  = "article_versions"
	ArticleVotes     = "article_votes"
	ArticleRedirects = "article_redirects"
	SearchMisses     = "search_misses"
)

// Fields of categories.
const (
	CategorySlug      = "slug"
	CategoryTitles    = "titles"
	CategorySummaries = "summaries"
	CategoryIcon      = "icon"
	CategoryPosition  = "position"
)

// Fields of articles, one record for every language; those that say the same
// share a group.
const (
	ArticleGroup       = "group"
	ArticleLanguage    = "language"
	ArticleSlug        = "slug"
	ArticleCategory    = "category"
	ArticleTitle       = "title"
	ArticleSummary     = "summary"
	ArticleBody        = "body"
	ArticleMarkdown    = "markdown"
	ArticleText        = "text"
	ArticleCover       = "cover"
	ArticleVideo       = "video"
	ArticleVideoFile   = "video_file"
	ArticleFiles       = "files"
	ArticleRelated     = "related"
	ArticleStatus      = "status"
	ArticlePublishedAt = "published_at"
	ArticleInternal    = "internal"
	ArticlePosition    = "position"
	ArticleEdit        = "edit"
	ArticleWrittenBy   = "written_by"
	ArticleViews       = "views"
	ArticleVotesUp     = "votes_up"
	ArticleVotesDown   = "votes_down"

	StatusDraft     = "draft"
	StatusPublished = "published"
)

// Fields of article_versions.
const (
	VersionArticle  = "article"
	VersionTitle    = "title"
	VersionSummary  = "summary"
	VersionBody     = "body"
	VersionMarkdown = "markdown"
	VersionBy       = "by"
)

// Fields of article_votes.
const (
	VoteArticle = "article"
	VoteHelpful = "helpful"
	VoteReason  = "reason"
	VoteComment = "comment"
	VoteVoter   = "voter"
)

// Fields of article_redirects.
const (
	RedirectLanguage = "language"
	RedirectSlug     = "slug"
	RedirectArticle  = "article"
)

// Fields of search_misses.
const (
	MissText     = "text"
	MissLanguage = "language"
	MissCount    = "count"
	MissLast     = "last_at"
)

// Fields of shop that make its pages look its own.
const (
	ShopCover  = "cover"
	ShopLinks  = "links"
	ShopFooter = "footer"
	ShopCSS    = "css"
)
