using System.Net;
using Weft.Base.Buffers;

namespace Weft.Proxy.Admin;

/// <summary>
/// The HTML of the home page: views for people, drawn in the browser from what the other endpoints answer, and the list of all endpoints, which is there
/// without a script too. Nothing is loaded from elsewhere.
/// </summary>
internal static class HomePage
{
    private const string Navigation = """
        <h1>Weft admin</h1>
        <nav hidden aria-label="Views"><a href="#overview">Overview</a><a href="#clusters">Clusters</a><a href="#routes">Routes</a><a href="#config">Configuration</a><a href="#logging">Logging</a><a href="#endpoints">Endpoints</a></nav>
        <main id="view" hidden></main>
        <section id="endpoints">
        <p>Links show something, buttons change something.</p>
        <table>

        """;

    public static void Write(IEnumerable<AdminEndpoint> endpoints, ByteWriter output)
    {
        WriteHead("Weft admin", output);
        output.Write(Navigation);
        foreach (var endpoint in endpoints)
            WriteRow(endpoint, output);
        output.Write("</table>\n</section>\n");
        foreach (var script in (string[])["page.js", "views.js", "main.js"])
            WriteScript(script, output);
        output.Write("</body>\n</html>\n");
    }

    /// <summary>Everything before the content of a page.</summary>
    public static void WriteHead(string title, ByteWriter output)
    {
        output.Write("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        output.Write($"<title>{Escape(title)}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n");
        output.Write(PageAssets.Text("page.css"));
        output.Write("</style>\n</head>\n<body>\n");
    }

    public static void WriteScript(string name, ByteWriter output)
    {
        output.Write("<script>\n");
        output.Write(PageAssets.Text(name));
        output.Write("</script>\n");
    }

    // Fields stand in another cell than their button: the form attribute joins them.
    private static void WriteRow(AdminEndpoint endpoint, ByteWriter output)
    {
        var target = Escape(endpoint.Path[1..]);
        var form = "form-" + target.Replace('/', '-');
        output.Write("<tr><td>");
        if (endpoint.Mutates)
            output.Write($"<form id=\"{form}\" method=\"post\" action=\"{target}\"><button class=\"path\">{Escape(endpoint.Path)}</button></form>");
        else if (endpoint.Parameters.Count > 0)
            output.Write($"<a href=\"{target}\">{Escape(endpoint.Path)}</a><form id=\"{form}\" method=\"get\" action=\"{target}\"></form>");
        else
            output.Write($"<a href=\"{target}\">{Escape(endpoint.Path)}</a>");
        output.Write($"</td><td>{Escape(endpoint.Help)}");
        if (endpoint.Parameters.Count > 0)
        {
            output.Write("<details><summary>parameters</summary>");
            WriteFields(endpoint, form, static _ => null, output);
            if (!endpoint.Mutates)
                output.Write($"<button form=\"{form}\">show</button>");
            output.Write("</details>");
        }

        output.Write("</td></tr>\n");
    }

    /// <summary>The fields of a form for an endpoint's parameters. What is only shown may be asked for without choosing.</summary>
    /// <param name="form">The id of the form.</param>
    /// <param name="given">What a parameter is now; null when it is not given.</param>
    public static void WriteFields(AdminEndpoint endpoint, string form, Func<string, string?> given, ByteWriter output)
    {
        foreach (var parameter in endpoint.Parameters)
        {
            var name = Escape(parameter.Name);
            var value = given(parameter.Name);
            output.Write($"<label><span>{name}</span> ");
            if (parameter.IsFlag)
                output.Write($"<input type=\"checkbox\" name=\"{name}\" value=\"\" form=\"{form}\"{(value is null ? "" : " checked")}>");
            else if (parameter.Choices is null)
                output.Write($"<input type=\"text\" name=\"{name}\" form=\"{form}\"{(value is null ? "" : $" value=\"{Escape(value)}\"")}>");
            else
                WriteChoices(endpoint.Mutates || parameter.Choices.Contains("") ? parameter.Choices : ["", .. parameter.Choices], name, form, value, output);
            output.Write($" <small>{Escape(parameter.Help)}</small></label>");
        }
    }

    private static void WriteChoices(string[] choices, string name, string form, string? value, ByteWriter output)
    {
        output.Write($"<select name=\"{name}\" form=\"{form}\">");
        foreach (var choice in choices)
            output.Write($"<option{(choice == value ? " selected" : "")}>{Escape(choice)}</option>");
        output.Write("</select>");
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
