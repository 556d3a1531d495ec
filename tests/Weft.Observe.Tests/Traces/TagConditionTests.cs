using Weft.Observe.Traces;

namespace Weft.Observe.Tests.Traces;

public sealed class TagConditionTests
{
    private static readonly SpanRecord s_span = TestSpans.Span("1", "1") with
    {
        Tags = [new("http.status_code", "503"), new("http.url", "http://shop/Cart?a>=b"), new("empty", "")],
        Annotations = [new(1, "retry")],
    };

    [Theory]
    [InlineData("http.status_code", true)]
    [InlineData("empty", true)]
    [InlineData("absent", false)]
    [InlineData("retry", true)]
    [InlineData("http.status_code=503", true)]
    [InlineData("http.status_code=50", false)]
    [InlineData("http.status_code = 503", true)]
    [InlineData("http.status_code!=503", false)]
    [InlineData("http.status_code!=200", true)]
    [InlineData("absent!=200", false)]
    [InlineData("http.url~cart", true)]
    [InlineData("http.url~cat", false)]
    [InlineData("http.url=http://shop/Cart?a>=b", true)]
    [InlineData("http.status_code>=503", true)]
    [InlineData("http.status_code>503", false)]
    [InlineData("http.status_code<=502", false)]
    [InlineData("http.status_code<504", true)]
    [InlineData("http.url>1", false)]
    [InlineData("retry=1", false)]
    public void The_pages_conditions_compare(string condition, bool isTrue) => Assert.Equal(isTrue, TagCondition.Parse(condition).IsTrueOf(s_span));

    [Theory]
    [InlineData("http.status_code=503", true)]
    [InlineData("http.url=http://shop/Cart?a>=b", true)]
    [InlineData("http.status_code>=503", false)]
    public void Zipkins_conditions_know_only_equality(string condition, bool isTrue) => Assert.Equal(isTrue, TagCondition.OfZipkin(condition).IsTrueOf(s_span));
}
