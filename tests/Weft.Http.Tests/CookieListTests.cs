using System.Text;

namespace Weft.Http.Tests;

public sealed class CookieListTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a=1", "[a|1]")]
    [InlineData("a=1; b=2;c=3", "[a|1][b|2][c|3]")]
    [InlineData(";; ; a=1 ;", "[a|1 ]")]
    [InlineData("a=\"1\"; b=\"; c=\"\"", "[a|1][b|\"][c|]")]
    [InlineData("a=b=c; =d; e=", "[a|b=c][|d][e|]")]
    [InlineData("no name; a=1; another", "[a|1]")]
    public void Cookies_are_taken_apart(string value, string expected)
    {
        var text = new StringBuilder();
        foreach (var cookie in new CookieList(Encoding.ASCII.GetBytes(value)))
            text.Append($"[{Encoding.ASCII.GetString(cookie.Name)}|{Encoding.ASCII.GetString(cookie.Value)}]");
        Assert.Equal(expected, text.ToString());
    }
}
