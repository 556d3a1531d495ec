using System.Net;
using Weft.Base.Buffers;

namespace Weft.Proxy.Admin;

/// <summary>The HTML of the home page: no script, nothing loaded from elsewhere.</summary>
internal static class HomePage
{
    private const string Head = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Weft admin</title>
        <link rel="icon" href="data:,">
        <style>
        :root { color-scheme: light dark; --line: #8884; --soft: #8881; }
        body { font: 15px/1.45 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.4rem; }
        table { border-collapse: collapse; width: 100%; }
        td { border-top: 1px solid var(--line); padding: .45rem .6rem; vertical-align: top; }
        tr:hover { background: var(--soft); }
        td:first-child { white-space: nowrap; }
        form { margin: 0; display: inline; }
        a, button.path { font: 14px/1.4 ui-monospace, monospace; }
        button { cursor: pointer; }
        button.path { padding: .1rem .5rem; }
        details { margin-top: .3rem; }
        summary { cursor: pointer; opacity: .75; }
        label { display: grid; grid-template-columns: 10rem 14rem 1fr; gap: .2rem .8rem; margin: .3rem 0; align-items: center; }
        label small { opacity: .75; }
        label input[type=checkbox] { justify-self: start; }
        @media (max-width: 50rem) { label { grid-template-columns: 1fr; } td { display: block; } }
        </style>
        </head>
        <body>
        <h1>Weft admin</h1>
        <p>Links show something, buttons change something.</p>
        <table>

        """;

    public static void Write(IEnumerable<AdminEndpoint> endpoints, ByteWriter output)
    {
        output.Write(Head);
        foreach (var endpoint in endpoints)
            WriteRow(endpoint, output);
        output.Write("</table>\n</body>\n</html>\n");
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
            WriteFields(endpoint, form, output);
        output.Write("</td></tr>\n");
    }

    private static void WriteFields(AdminEndpoint endpoint, string form, ByteWriter output)
    {
        output.Write("<details><summary>parameters</summary>");
        foreach (var parameter in endpoint.Parameters)
        {
            var name = Escape(parameter.Name);
            output.Write($"<label><span>{name}</span>");
            if (parameter.IsFlag)
                output.Write($"<input type=\"checkbox\" name=\"{name}\" value=\"\" form=\"{form}\">");
            else if (parameter.Choices is null)
                output.Write($"<input type=\"text\" name=\"{name}\" form=\"{form}\">");
            else
                WriteChoices(parameter.Choices, name, form, output);
            output.Write($"<small>{Escape(parameter.Help)}</small></label>");
        }
        if (!endpoint.Mutates)
            output.Write($"<button form=\"{form}\">show</button>");
        output.Write("</details>");
    }

    private static void WriteChoices(string[] choices, string name, string form, ByteWriter output)
    {
        output.Write($"<select name=\"{name}\" form=\"{form}\">");
        foreach (var choice in choices)
            output.Write($"<option>{Escape(choice)}</option>");
        output.Write("</select>");
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
