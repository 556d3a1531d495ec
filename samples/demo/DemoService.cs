using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Weft.Samples.Demo;

/// <summary>Puts the service together: Kestrel, the request log and one route per path.</summary>
internal static class DemoService
{
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Builds the service without starting it; <paramref name="log"/> gets one line per finished request.</summary>
    public static WebApplication Build(DemoSettings settings, TextWriter log)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(settings.Host, settings.Port);
        });
        builder.Services.AddRoutingCore();
        // A keep-alive connection or a long delay must not hold up the end of a demonstration.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));

        var app = builder.Build();
        app.Use(next => context => LogAsync(context, next, settings.Name, log));
        app.UseRouting();
        MapPaths(app, settings);
        return app;
    }

    private static void MapPaths(WebApplication app, DemoSettings settings)
    {
        var answers = new Answers(settings);
        app.MapMethods("/", Read, answers.HomeAsync);
        app.MapMethods("/hostname", Read, answers.HostNameAsync);
        app.MapMethods("/service/{**anything}", Read, answers.ServiceAsync);
        app.MapMethods("/headers", Read, answers.HeadersAsync);
        app.Map("/status/{value}", answers.StatusAsync);
        app.Map("/delay/{value}", answers.DelayAsync);
        app.MapPost("/echo", answers.EchoAsync);
        app.MapMethods("/call", Read, new Calls(settings).AnswerAsync);
        var signIn = new SignIn();
        app.MapMethods("/authorize", Read, signIn.AuthorizeAsync);
        app.MapPost("/token", signIn.TokenAsync);
        MapHealth(app, "livez");
        MapHealth(app, "readyz");
    }

    private static void MapHealth(WebApplication app, string name)
    {
        var health = new HealthSwitch(name);
        app.MapMethods("/" + name, Read, health.ShowAsync);
        app.MapPost("/" + name, health.ChangeAsync);
    }

    private static async Task LogAsync(HttpContext context, RequestDelegate next, string name, TextWriter log)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone: nobody reads an answer, the log line only tells it.
            if (!context.Response.HasStarted)
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        finally
        {
            var request = context.Request;
            var elapsedMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            log.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{DateTime.UtcNow:HH:mm:ss.fff} {name} {context.Connection.RemoteIpAddress} {request.Method} {request.Path}{request.QueryString} {context.Response.StatusCode} {elapsedMs:0.0}ms"));
        }
    }
}
