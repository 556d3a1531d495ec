using System.Net;
using System.Text;
using Weft.Base.Buffers;
using Weft.Proxy.Stats;

namespace Weft.Proxy.Admin;

/// <summary><c>/stats?format=html</c>: a form over the statistics as text; <c>active-html</c>: those that change, as they change.</summary>
internal static class StatsPage
{
    private const string Form = "stats";

    private const string Active = """
        <p><label>Seconds between updates <input id="active-interval" type="number" min="1" value="5"></label><label>Statistics shown <input id="active-max" type="number" min="1" value="100"></label> <span id="active-fault" class="bad"></span></p>
        <table id="active-stats"><thead><tr><th>Name</th><th>Value</th><th>Changes</th></tr></thead><tbody></tbody></table>

        """;

    /// <param name="find">A parameter of the request.</param>
    public static void Write(AdminEndpoint endpoint, Func<string, string?> find, StatsPrinter printer, bool isActive, AdminResponse response)
    {
        response.ContentType = AdminResponse.Html;
        HomePage.WriteHead("Weft stats", response.Body);
        response.Body.Write($"<h1><a href=\"./\">Weft admin</a>: stats</h1>\n<div id=\"endpoints\"><form id=\"{Form}\" method=\"get\" action=\"stats\"></form>");
        HomePage.WriteFields(endpoint, Form, find, response.Body);
        response.Body.Write($"<button form=\"{Form}\">show</button></div>\n");
        if (isActive)
        {
            response.Body.Write(Active);
            HomePage.WriteScript("active-stats.js", response.Body);
            WriteEnd(response.Body);
            return;
        }

        response.Body.Write("<pre>");
        response.NextPiece = Pieces(printer);
    }

    /// <summary>The text piece by piece, escaped, and the end of the page behind the last.</summary>
    private static Func<ByteWriter, bool> Pieces(StatsPrinter printer)
    {
        var piece = new ByteWriter(StatsPrinter.PieceBytes);
        return output =>
        {
            piece.Clear();
            var goesOn = printer.WriteNext(piece);
            output.Write(WebUtility.HtmlEncode(Encoding.UTF8.GetString(piece.Written)));
            if (goesOn)
                return true;
            output.Write("</pre>\n");
            WriteEnd(output);
            return false;
        };
    }

    private static void WriteEnd(ByteWriter output) => output.Write("</body>\n</html>\n");
}
