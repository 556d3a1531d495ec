using System.Text.RegularExpressions;
using Weft.Proxy.Admin;

namespace Weft.Proxy.Tests.Admin;

/// <summary><c>/stats</c> as a page for a browser.</summary>
public sealed class StatsPageTests
{
    private readonly TestAdmin _admin = new();

    [Fact]
    public void Html_is_the_text_behind_a_form_that_holds_what_was_asked_for()
    {
        _admin.Stats.Scope("http.<b>&.").Counter("requests").Inc();
        var page = _admin.Get("/stats?format=html&filter=<b>&usedonly");
        Assert.Contains("<pre>http.&lt;b&gt;&amp;.requests: 1\n</pre>", page, StringComparison.Ordinal);
        Assert.Contains("name=\"filter\" form=\"stats\" value=\"&lt;b&gt;\"", page, StringComparison.Ordinal);
        Assert.Contains("name=\"usedonly\" value=\"\" form=\"stats\" checked", page, StringComparison.Ordinal);
        Assert.Contains("<option selected>html</option>", page, StringComparison.Ordinal);
        Assert.EndsWith("</html>\n", page, StringComparison.Ordinal);
        Assert.Equal(AdminResponse.Html, _admin.Handlers.Handle(AdminRequest.Parse("GET", "/stats?format=html")).ContentType);
    }

    [Fact]
    public void A_long_page_comes_in_pieces_with_one_end()
    {
        var scope = _admin.Stats.Scope("many.");
        for (var i = 0; i < 5000; i++)
            scope.Counter($"a_counter_with_a_long_name_so_that_there_are_pieces_{i}");
        var page = _admin.Get("/stats?format=html");
        Assert.Equal(5000, Regex.Count(page, "a_counter_with"));
        Assert.Equal(1, Regex.Count(page, "</html>"));
    }

    [Fact]
    public void Active_html_has_a_table_that_its_script_fills()
    {
        var page = _admin.Get("/stats?format=active-html&type=Counters");
        Assert.Contains("<table id=\"active-stats\">", page, StringComparison.Ordinal);
        Assert.Contains("<option selected>Counters</option>", page, StringComparison.Ordinal);
        Assert.DoesNotContain(" src=", page, StringComparison.Ordinal);
    }
}
