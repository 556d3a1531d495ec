using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Weft.Samples.Demo.Tests;

public sealed class SignInTests(RunningDemo demo) : IClassFixture<RunningDemo>
{
    [Fact]
    public async Task Code_and_verifier_become_tokens_once_and_refresh_tokens_others()
    {
        var code = await LogInAsync("verifier");
        Assert.Equal(400, (await TokenAsync(("grant_type", "authorization_code"), ("code", await LogInAsync("verifier")), ("code_verifier", "another"))).Status);
        var (status, body) = await TokenAsync(("grant_type", "authorization_code"), ("code", code), ("code_verifier", "verifier"));
        Assert.Equal(200, status);
        Assert.Contains("\"expires_in\":5", body, StringComparison.Ordinal);
        Assert.Equal(400, (await TokenAsync(("grant_type", "authorization_code"), ("code", code), ("code_verifier", "verifier"))).Status);
        var refreshToken = body.Split("\"refresh_token\":\"")[1].Split('"')[0];
        Assert.Equal(200, (await TokenAsync(("grant_type", "refresh_token"), ("refresh_token", refreshToken))).Status);
        Assert.Equal(400, (await TokenAsync(("grant_type", "refresh_token"), ("refresh_token", refreshToken))).Status);
    }

    [Fact]
    public async Task Without_the_secret_or_an_address_to_go_back_to_nothing_is_given()
    {
        Assert.Equal(400, (await demo.GetAsync("/authorize?state=x")).Status);
        Assert.Equal(400, (await demo.PostFormAsync("/token", "client_secret", "other")).Status);
    }

    private async Task<string> LogInAsync(string verifier)
    {
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = demo.Client.BaseAddress };
        using var response = await client.GetAsync(new Uri($"/authorize?redirect_uri=http://web/callback&code_challenge={challenge}&state=a%2Bb", UriKind.Relative));
        var location = response.Headers.Location!.OriginalString;
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.EndsWith("&state=a%2Bb", location, StringComparison.Ordinal);
        return location["http://web/callback?code=".Length..location.IndexOf('&', StringComparison.Ordinal)];
    }

    private Task<(int Status, string Body)> TokenAsync(params (string Name, string Value)[] fields) =>
        demo.SendAsync(HttpMethod.Post, "/token", new FormUrlEncodedContent(fields.Append(("client_secret", "sesame")).Select(static field => KeyValuePair.Create(field.Item1, field.Item2))));
}
