using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Weft.Samples.Demo;

/// <summary>The answers that need no state but the settings, one method per path. Any thread.</summary>
internal sealed class Answers(DemoSettings settings)
{
    private const double MaxDelaySeconds = 3600;

    /// <summary>One line: version, then who asked and who answered as this end of the connection sees it.</summary>
    public Task HomeAsync(HttpContext context) => context.WriteLineAsync(
        $"Weft demo service {settings.Version} | ClientIP: {Plain(context.Connection.RemoteIpAddress)}, " +
        $"ServerName: {settings.Name}, ServerIP: {Plain(context.Connection.LocalIpAddress)}");

    public Task HostNameAsync(HttpContext context) => context.WriteLineAsync($"ServerName: {settings.Name}");

    /// <summary>Tells name and colour, and the path it was reached by: a front proxy may have rewritten it.</summary>
    public Task ServiceAsync(HttpContext context) => context.WriteLineAsync(
        $"Hello from {settings.Name}, colour {settings.Color}, version {settings.Version}, path {context.Request.Path}");

    /// <summary>The request as it arrived here, as JSON: what a proxy added, changed and removed becomes visible.</summary>
    public async Task HeadersAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        await using (var json = new Utf8JsonWriter(context.Response.Body, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("method", context.Request.Method);
            json.WriteString("target", context.Request.Path + context.Request.QueryString);
            json.WriteString("protocol", context.Request.Protocol);
            json.WriteStartObject("headers");
            foreach (var (name, values) in context.Request.Headers)
                json.WriteString(name.ToLowerInvariant(), values.ToString());
            json.WriteEndObject();
            json.WriteEndObject();
        }
        await context.Response.Body.WriteAsync("\n"u8.ToArray(), context.RequestAborted);
    }

    /// <summary>Answers with the status in the path; 1xx cannot end a request and are refused.</summary>
    public Task StatusAsync(HttpContext context)
    {
        if (!int.TryParse(Segment(context), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code is < 200 or > 599)
            return RefuseAsync(context, "expected /status/<200 to 599>");
        context.Response.StatusCode = code;
        var bodyAllowed = code is not (204 or 205 or 304);
        return bodyAllowed ? context.WriteLineAsync($"status {code} from {settings.Name}") : Task.CompletedTask;
    }

    /// <summary>Answers after as many seconds, fractions allowed.</summary>
    public async Task DelayAsync(HttpContext context)
    {
        if (!double.TryParse(Segment(context), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) || seconds is not (>= 0 and <= MaxDelaySeconds))
        {
            await RefuseAsync(context, "expected /delay/<0 to 3600 seconds>");
            return;
        }
        await Task.Delay(TimeSpan.FromSeconds(seconds), context.RequestAborted);
        await context.WriteLineAsync($"waited {seconds.ToString(CultureInfo.InvariantCulture)} s, from {settings.Name}");
    }

    /// <summary>Sends the request's body back as it arrives.</summary>
    public Task EchoAsync(HttpContext context)
    {
        context.Response.ContentType = context.Request.ContentType ?? "application/octet-stream";
        context.Response.ContentLength = context.Request.ContentLength;
        return context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, string why)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.WriteLineAsync(why);
    }

    private static string Segment(HttpContext context) => context.Request.RouteValues["value"] as string ?? "";

    /// <summary>An IPv4 peer on a dual-stack socket is written as the IPv4 address it is.</summary>
    private static string Plain(IPAddress? address) =>
        address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4().ToString() : address?.ToString() ?? "-";
}

/// <summary>Plain-text answers of one line, with their length.</summary>
internal static class TextAnswer
{
    public static Task WriteLineAsync(this HttpContext context, string line)
    {
        var body = Encoding.UTF8.GetBytes(line + "\n");
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
