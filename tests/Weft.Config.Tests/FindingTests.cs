namespace Weft.Config.Tests;

public sealed class FindingTests
{
    private static Finding At(int line, int column, Severity severity = Severity.Error) => new(severity, new SourcePosition("a.yaml", line, column), "x", $"{line}:{column}");

    [Fact]
    public void A_finding_leaves_out_what_is_not_known()
    {
        Assert.Equal("a.yaml:1:2  x.y  wrong; did you mean z?", new Finding(Severity.Error, new SourcePosition("a.yaml", 1, 2), "x.y", "wrong", "z").ToString());
        Assert.Equal("a.yaml  wrong", new Finding(Severity.Error, new SourcePosition("a.yaml", 0, 0), "", "wrong").ToString());
        Assert.Equal("x.y  wrong", new Finding(Severity.Error, null, "x.y", "wrong").ToString());
        Assert.Equal("wrong", new Finding(Severity.Error, null, "", "wrong").ToString());
    }

    [Fact]
    public void Findings_stand_in_the_order_of_the_file_and_only_once()
    {
        var findings = new Findings();
        findings.Add(new Finding(Severity.Error, null, "", "last"));
        findings.Add(At(2, 1));
        findings.Add(At(1, 9, Severity.Warning));
        findings.Add(At(1, 1, Severity.Note));
        findings.Add(At(2, 1));
        Assert.Equal(["1:1", "1:9", "2:1", "last"], findings.All.Select(f => f.Text));
        Assert.Equal(["2:1", "last"], findings.Errors.Select(f => f.Text));
        Assert.Equal("1:9", Assert.Single(findings.Warnings).Text);
        Assert.Equal("1:1", Assert.Single(findings.Notes).Text);
        Assert.True(findings.HasErrors);
    }

    [Fact]
    public void Warnings_and_notes_are_no_errors()
    {
        var findings = new Findings();
        findings.Add(At(1, 1, Severity.Warning));
        findings.Add(At(1, 1, Severity.Note));
        Assert.False(findings.HasErrors);
    }

    [Fact]
    public void A_message_nobody_has_read_has_no_position_and_only_its_field_for_a_path()
    {
        var context = new ConfigContext();
        var message = new Envoy.Config.Core.V3.Node();
        Assert.Null(context.Origins.PositionOf(message, "id"));
        context.Warning(message, "id", "odd");
        Assert.Equal("id  odd", Assert.Single(context.Findings.Warnings).ToString());
    }
}
