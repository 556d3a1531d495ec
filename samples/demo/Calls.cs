using System.Text;
using Microsoft.AspNetCore.Http;

namespace Weft.Samples.Demo;

/// <summary>
/// <c>/call</c>: says hello, asks the services that <c>CALLS</c> names, one after the other, and passes on what they say. The headers that make one trace of all
/// this are handed on, as every service of a mesh has to; so are those that order faults. 502 when a service answered badly. Any thread.
/// </summary>
internal sealed class Calls(DemoSettings settings) : IDisposable
{
    private static readonly string[] HandedOn = ["x-request-id", "x-client-trace-id", "b3", "traceparent", "tracestate", "x-ot-span-context"];
    private static readonly string[] HandedOnPrefixes = ["x-b3-", "x-envoy-fault-"];

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });

    public async Task AnswerAsync(HttpContext context)
    {
        var text = new StringBuilder($"Hello from {settings.Name}\n");
        foreach (var address in settings.Calls)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            foreach (var (name, values) in context.Request.Headers.Where(header => IsHandedOn(header.Key)))
                request.Headers.TryAddWithoutValidation(name, values.ToString());
            text.Append(await AskAsync(request, context));
        }

        await context.WriteLineAsync(text.ToString().TrimEnd('\n'));
    }

    public void Dispose() => _client.Dispose();

    private async Task<string> AskAsync(HttpRequestMessage request, HttpContext context)
    {
        try
        {
            using var response = await _client.SendAsync(request, context.RequestAborted);
            if (response.IsSuccessStatusCode)
                return await response.Content.ReadAsStringAsync(context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            return $"{request.RequestUri} answered {(int)response.StatusCode}\n";
        }
        catch (HttpRequestException error)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            return $"{request.RequestUri} cannot be reached: {error.Message}\n";
        }
    }

    private static bool IsHandedOn(string name) =>
        HandedOn.Contains(name, StringComparer.OrdinalIgnoreCase) || Array.Exists(HandedOnPrefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
