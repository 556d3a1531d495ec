using Microsoft.AspNetCore.Http;

namespace Weft.Samples.Demo;

/// <summary>
/// A health endpoint whose answer a form changes: <c>POST livez=FAIL</c> makes the next <c>GET /livez</c> fail.
/// 200 while the value is <c>OK</c>, 506 for any other value; the value is the body. Any thread.
/// </summary>
internal sealed class HealthSwitch(string field)
{
    private volatile string _value = "OK";

    /// <summary>Answers GET and HEAD.</summary>
    public Task ShowAsync(HttpContext context)
    {
        var value = _value;
        context.Response.StatusCode = value == "OK" ? StatusCodes.Status200OK : StatusCodes.Status506VariantAlsoNegotiates;
        return context.WriteLineAsync(value);
    }

    /// <summary>Answers POST: takes the value from the form field of this switch's name, 400 without it.</summary>
    public async Task ChangeAsync(HttpContext context)
    {
        var value = context.Request.HasFormContentType
            ? (await context.Request.ReadFormAsync(context.RequestAborted))[field].ToString()
            : "";
        if (value.Length == 0)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.WriteLineAsync($"expected a form with the field {field}, for example {field}=FAIL");
            return;
        }
        _value = value;
        await context.WriteLineAsync($"{field}={value}");
    }
}
